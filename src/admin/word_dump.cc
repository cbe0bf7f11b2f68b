// dump: when sessions and connections expire, and who owns which ephemerals (SessionTrackerImpl, ExpiryQueue,
// DataTree.dumpEphemerals).
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <vector>

#include "admin/ephemeral_paths.h"
#include "admin/java_text.h"
#include "admin/status.h"
#include "admin/steps.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

constexpr std::size_t kDumpStepBytes = 32 * 1024;

template <typename Member>
using Buckets = std::map<std::int64_t, std::vector<Member>>;  // by expiry time of the elapsed clock, in milliseconds

std::string hex(std::int64_t id) {
  return fmt::format("0x{:x}", static_cast<std::uint64_t>(id));
}

// Adds a heading for each bucket and a line for each member. `line` returns "" for members that no longer exist.
template <typename Member, typename Line>
void add_buckets(const server::Server& server, Buckets<Member> buckets, std::size_t members, Line line, Steps& steps) {
  steps.add_text([text = fmt::format("Sets ({})/({}):\n", buckets.size(), members)] { return text; });
  for (auto& [due_ms, of_bucket] : buckets) {
    std::sort(of_bucket.begin(), of_bucket.end());
    steps.add([&server, line, due_ms, all = std::move(of_bucket), at = std::size_t{0}](std::string& out) mutable {
      if (at == 0) {
        const env::Clock& clock = server.core().env.clock;
        const std::int64_t wall_ahead_ms = clock.wall_ms() - clock.elapsed_ms();
        out += fmt::format("{} expire at {}:\n", all.size(), java_date(due_ms + wall_ahead_ms));
      }
      for (const std::size_t end = std::min(all.size(), at + kLinesInOneStep); at < end; ++at) out += line(all[at]);
      return at < all.size();
    });
  }
}

// A learner knows all sessions and their timeouts, but not when they expire: that is the leader's business
// (org.apache.zookeeper.server.quorum.LearnerSessionTracker).
void add_known_sessions(const server::Server& server, Steps& steps) {
  const auto& known = server.core().state.sessions;
  std::vector<std::pair<std::int64_t, std::int32_t>> sorted(known.begin(), known.end());
  std::sort(sorted.begin(), sorted.end());
  steps.add_text(
      [count = sorted.size()] { return fmt::format("SessionTracker dump:\nGlobal Sessions({}):\n", count); });
  steps.add([sorted = std::move(sorted), at = std::size_t{0}](std::string& out) mutable {
    for (const std::size_t end = std::min(sorted.size(), at + kLinesInOneStep); at < end; ++at)
      out += fmt::format("{}\t{}ms\n", hex(sorted[at].first), sorted[at].second);
    return at < sorted.size();
  });
}

void add_sessions(const server::Server& server, Steps& steps) {
  const session::SessionTable& sessions = server.core().sessions;
  Buckets<SessionId> buckets;
  for (const auto& [due_ms, ids] : sessions.buckets()) buckets[due_ms].assign(ids.begin(), ids.end());
  steps.add_text([] { return std::string("SessionTracker dump:\nSession "); });
  add_buckets(
      server, std::move(buckets), sessions.size(), [](SessionId id) { return fmt::format("\t{}\n", hex(id.value())); },
      steps);
}

// Prints the ephemerals of one session in several steps.
class OwnedEphemerals {
 public:
  OwnedEphemerals(const tree::Tree& tree, std::int64_t session) : session_(session), paths_(tree, session) {}
  bool append_more(std::string& out) {
    if (!std::exchange(has_begun_, true) && paths_.has_any()) out += hex(session_) + ":\n";
    for (const std::string& path : paths_.next()) out += fmt::format("\t{}\n", path);
    return paths_.has_more();
  }

 private:
  std::int64_t session_;
  EphemeralPaths paths_;
  bool has_begun_ = false;
};

void add_ephemerals(const server::Server& server, Steps& steps) {
  const tree::Tree& tree = server.core().state.tree;
  std::vector<std::int64_t> sessions = owners_of_ephemerals(tree);
  steps.add_text([count = sessions.size()] {
    return fmt::format("ephemeral nodes dump:\nSessions with Ephemerals ({}):\n", count);
  });
  // One step prints several sessions if they have few ephemerals.
  steps.add([&tree, sessions = std::move(sessions), at = std::size_t{0},
             owned = std::optional<OwnedEphemerals>()](std::string& out) mutable {
    for (const std::size_t begun = out.size(); at < sessions.size() && out.size() - begun < kDumpStepBytes;) {
      if (!owned) owned.emplace(tree, sessions[at]);
      if (owned->append_more(out)) return true;
      owned.reset();
      ++at;
    }
    return at < sessions.size();
  });
}

// This server does not keep connections in buckets. These are the buckets in which Apache's would
// (NIOServerCnxnFactory).
void add_connections_by_expiry(const server::Server& server, Steps& steps) {
  const std::int64_t interval_ms = std::max<std::int64_t>(1, server.core().options.limits.sessionless_ms);
  Buckets<server::ConnectionId> buckets;
  server.connections().for_each([&](const server::ClientConnection& connection) {
    const std::int64_t lives_ms = connection.session.value() == 0 ? interval_ms : connection.timeout_ms;
    const std::int64_t due_ms = ((connection.stats.last_response_ms + lives_ms) / interval_ms + 1) * interval_ms;
    buckets[due_ms].push_back(connection.id());
  });
  steps.add_text([] { return std::string("Connections dump:\nConnections "); });
  const auto line = [&server](server::ConnectionId id) {
    const server::ClientConnection* const connection = server.connections().find(id);
    if (connection == nullptr) return std::string();
    return fmt::format("\tip: {} sessionId: {}\n", java_address(connection->transport().peer()),
                       hex(connection->session.value()));
  };
  add_buckets(server, std::move(buckets), server.connections().size(), line, steps);
}

}  // namespace

std::unique_ptr<server::LongAnswer> long_answer_dump(const Question& question) {
  auto steps = std::make_unique<Steps>();
  if (mode_of(question.server) == "follower" || mode_of(question.server) == "observer")
    add_known_sessions(question.server, *steps);
  else
    add_sessions(question.server, *steps);
  add_ephemerals(question.server, *steps);
  add_connections_by_expiry(question.server, *steps);
  return steps;
}

}  // namespace quoll::admin
