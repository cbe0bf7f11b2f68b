#include "sim/trial/live_laws.h"

#include <fmt/format.h>
#include <set>

namespace quoll::sim {

namespace {

void check_ephemerals(const machine::State& state, Findings& findings) {
  for (const auto& [session, nodes] : state.tree.ephemerals()) {
    if (!nodes.empty() && !state.sessions.contains(session))
      findings.push_back(fmt::format("VC6 ephemerals: {} of session 0x{:x} exist at zxid {}, but the session does not",
                                     nodes.size(), static_cast<std::uint64_t>(session), state.last_processed.value()));
    for (const tree::NodeId node : nodes) {
      if (state.tree.node(node).child_count != 0)
        findings.push_back("VC6 ephemerals: " + state.tree.path_of(node) + " has children");
    }
  }
}

// The lists and counts beside the tree agree with the tree, and contain nothing that no znode uses.
void check_lists(const tree::Tree& tree, Findings& findings) {
  std::int64_t special[4] = {};
  std::int64_t bytes = 1;  // of the root, which Apache counts twice
  std::set<AclList> acls;
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = tree.next_depth_first(id)) {
    const tree::Node& node = tree.node(id);
    ++special[static_cast<std::size_t>(tree.kind_of(node.stat.ephemeral_owner))];
    if (node.acl != tree::kOpenAcl) acls.insert(tree.acl_of(id).entries());
    bytes += node.data_bytes() + (id == tree::kRoot ? 0 : static_cast<std::int64_t>(tree.path_of(id).size()));
  }
  const auto compare = [&](std::string_view what, std::int64_t listed, std::int64_t found) {
    if (listed != found)
      findings.push_back(fmt::format("VL2 baseline: {} {} are listed, but the tree has {}", listed, what, found));
  };
  using enum OwnerKind;
  const auto count = [&](OwnerKind kind) { return special[static_cast<std::size_t>(kind)]; };
  compare("containers", static_cast<std::int64_t>(tree.containers().size()), count(container));
  compare("TTL nodes", static_cast<std::int64_t>(tree.ttls().size()), count(ttl));
  compare("ephemerals", tree.ephemerals_count(), count(session));
  compare("ACLs", static_cast<std::int64_t>(tree.acls().size()), static_cast<std::int64_t>(acls.size()));
  compare("bytes", tree.approximate_data_size(), bytes);
}

}  // namespace

void check_live(server::Server& server, std::int64_t durable_zxid, Findings& findings) {
  const machine::State& state = server.core().state;
  if (state.last_processed.value() > durable_zxid)
    findings.push_back(fmt::format("VD2 memory: zxid {} is applied, but only {} is on stable storage",
                                   state.last_processed.value(), durable_zxid));
  check_ephemerals(state, findings);
  check_lists(state.tree, findings);
  state.tree.check_invariants();
  state.data_watches.check_invariants();
  state.child_watches.check_invariants();
  server.core().sessions.check_invariants();
}

void check_connections(server::Server& server, Findings& findings) {
  const machine::State& state = server.core().state;
  if (server.journal()->is_stuck() && !server.core().writes_are_off)
    findings.push_back("VL1 liveness: writes are accepted while the log waits for space");
  for (const auto* table : {&state.data_watches, &state.child_watches}) {
    table->for_each_watcher([&](watch::WatcherId id) {
      if (server.connections().find(id) == nullptr)
        findings.push_back("VL2 baseline: a closed connection still has watches");
    });
  }
  std::int64_t waiting = 0;
  std::int64_t bytes = 0;
  server.connections().for_each([&](const server::ClientConnection& connection) {
    waiting += static_cast<std::int64_t>(connection.waiting.size());
    for (const server::QueuedRequest& each : connection.waiting) bytes += each.bytes;
  });
  if (bytes != server.requests().bytes())
    findings.push_back(fmt::format("VL2 baseline: {} bytes of requests are counted, but there are {}",
                                   server.requests().bytes(), bytes));
  if (waiting != server.requests().in_progress())
    findings.push_back(fmt::format("VL2 baseline: {} requests are counted, but there are {}",
                                   server.requests().in_progress(), waiting));
}

}  // namespace quoll::sim
