// Who is alive: sessions, their timeouts, and the buckets of time in which they expire
// (org.apache.zookeeper.server.SessionTrackerImpl, ExpiryQueue). Time is an argument, milliseconds of the elapsed
// clock.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "types/ids.h"

namespace quoll::session {

class SessionTable {
 public:
  // Expiry is rounded up to whole ticks, as Apache's is: a session lives at least its timeout and at most a tick
  // longer.
  explicit SessionTable(std::int64_t tick_ms) : tick_ms_(tick_ms) {}

  // Starts to watch over a session (again).
  void track(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms);
  // The client was heard of, through a connection that has agreed on this timeout. False: unknown, or closing.
  bool touch(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms);
  // From now on touch() says no; the close is on its way.
  void set_closing(SessionId id);
  void remove(SessionId id);

  [[nodiscard]] bool is_known(SessionId id) const { return sessions_.contains(id); }
  [[nodiscard]] bool is_open(SessionId id) const;
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  // Sessions whose time is up; each is told once and counts as closing afterwards.
  std::vector<SessionId> expire(std::int64_t now_ms);
  // When the next bucket is due; INT64_MAX: no session.
  [[nodiscard]] std::int64_t next_expiry_ms() const;

  template <typename Visit>  // void(SessionId, std::int32_t timeout_ms)
  void for_each(Visit&& visit) const {
    for (const auto& [id, session] : sessions_) visit(id, session.timeout_ms);
  }
  // Expiry time and members of each bucket.
  [[nodiscard]] const std::map<std::int64_t, std::unordered_set<SessionId>>& buckets() const { return buckets_; }

 private:
  struct Session {
    std::int32_t timeout_ms = 0;
    std::int64_t expiry_ms = 0;
    enum { open, closing } state = open;
  };
  void schedule(SessionId id, Session& session, std::int32_t timeout_ms, std::int64_t now_ms);
  void unschedule(SessionId id, const Session& session);

  std::int64_t tick_ms_;
  std::unordered_map<SessionId, Session> sessions_;
  std::map<std::int64_t, std::unordered_set<SessionId>> buckets_;
};

}  // namespace quoll::session
