#include "sim/trial/live_laws.h"

#include <fmt/format.h>

namespace quoll::sim {

namespace {

void check_ephemerals(const machine::State& state, Findings& findings) {
  for (const auto& [session, nodes] : state.tree.ephemerals()) {
    if (!nodes.empty() && !state.sessions.contains(session))
      findings.push_back(fmt::format("VC6 ephemerals: {} of session 0x{:x} stand at zxid {}, and the session does not",
                                     nodes.size(), static_cast<std::uint64_t>(session), state.last_processed.value()));
    for (const tree::NodeId node : nodes) {
      if (state.tree.node(node).child_count != 0)
        findings.push_back("VC6 ephemerals: " + state.tree.path_of(node) + " has children");
    }
  }
}

}  // namespace

void check_live(server::Server& server, std::int64_t durable_zxid, Findings& findings) {
  const machine::State& state = server.core().state;
  if (state.last_processed.value() > durable_zxid)
    findings.push_back(fmt::format("VD2 memory: zxid {} is applied, and only {} is on stable storage",
                                   state.last_processed.value(), durable_zxid));
  check_ephemerals(state, findings);
  state.tree.check_invariants();
}

void check_connections(server::Server& server, Findings& findings) {
  const machine::State& state = server.core().state;
  for (const auto* table : {&state.data_watches, &state.child_watches}) {
    table->for_each_watcher([&](watch::WatcherId id) {
      if (server.connections().find(id) == nullptr)
        findings.push_back("VL2 baseline: a connection that has gone still watches");
    });
  }
  std::int64_t waiting = 0;
  server.connections().for_each([&](const server::ClientConnection& connection) {
    waiting += static_cast<std::int64_t>(connection.waiting.size());
  });
  if (waiting != server.requests().in_progress())
    findings.push_back(fmt::format("VL2 baseline: {} requests count as under way, and {} are",
                                   server.requests().in_progress(), waiting));
}

}  // namespace quoll::sim
