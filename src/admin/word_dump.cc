// dump: who will expire when, who owns which ephemerals (SessionTrackerImpl, ExpiryQueue, DataTree.dumpEphemerals).
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "admin/java_text.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

// By the elapsed clock, milliseconds.
using Buckets = std::map<std::int64_t, std::vector<std::string>>;

std::string hex(std::int64_t id) {
  return fmt::format("0x{:x}", static_cast<std::uint64_t>(id));
}

void append_buckets(const Question& question, Buckets buckets, std::size_t members, std::string& out) {
  const env::Clock& clock = question.server.core().env.clock;
  const std::int64_t wall_ahead_ms = clock.wall_ms() - clock.elapsed_ms();
  out += fmt::format("Sets ({})/({}):\n", buckets.size(), members);
  for (auto& [due_ms, names] : buckets) {
    std::sort(names.begin(), names.end());
    out += fmt::format("{} expire at {}:\n", names.size(), java_date(due_ms + wall_ahead_ms));
    for (const std::string& name : names) out += fmt::format("\t{}\n", name);
  }
}

void append_sessions(const Question& question, std::string& out) {
  const session::SessionTable& sessions = question.server.core().sessions;
  Buckets buckets;
  for (const auto& [due_ms, ids] : sessions.buckets()) {
    for (const SessionId id : ids) buckets[due_ms].push_back(hex(id.value()));
  }
  out += "SessionTracker dump:\nSession ";
  append_buckets(question, std::move(buckets), sessions.size(), out);
}

void append_ephemerals(const Question& question, std::string& out) {
  const tree::Tree& tree = question.server.core().state.tree;
  std::map<std::int64_t, std::vector<std::string>> by_session;
  for (const auto& [session, nodes] : tree.ephemerals()) {
    auto& paths = by_session[session];
    for (const tree::NodeId id : nodes) paths.push_back(tree.path_of(id));
    std::sort(paths.begin(), paths.end());
  }
  out += fmt::format("ephemeral nodes dump:\nSessions with Ephemerals ({}):\n", by_session.size());
  for (const auto& [session, paths] : by_session) {
    out += hex(session) + ":\n";
    for (const std::string& path : paths) out += fmt::format("\t{}\n", path);
  }
}

// Connections are not kept in buckets here; these are the ones that Apache's would be in (NIOServerCnxnFactory).
void append_connections_by_expiry(const Question& question, std::string& out) {
  const std::int64_t interval_ms = std::max<std::int64_t>(1, question.server.core().options.limits.sessionless_ms);
  Buckets buckets;
  question.server.connections().for_each([&](const server::ClientConnection& connection) {
    const std::int64_t lives_ms = connection.session.value() == 0 ? interval_ms : connection.timeout_ms;
    const std::int64_t due_ms = ((connection.stats.last_response_ms + lives_ms) / interval_ms + 1) * interval_ms;
    buckets[due_ms].push_back(fmt::format("ip: {} sessionId: {}", java_address(connection.transport().peer()),
                                          hex(connection.session.value())));
  });
  out += "Connections dump:\nConnections ";
  append_buckets(question, std::move(buckets), question.server.connections().size(), out);
}

}  // namespace

std::string say_dump(const Question& question) {
  std::string out;
  append_sessions(question, out);
  append_ephemerals(question, out);
  append_connections_by_expiry(question, out);
  return out;
}

}  // namespace quoll::admin
