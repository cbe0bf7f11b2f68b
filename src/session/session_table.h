// The open sessions, their timeouts, and the buckets of time in which they expire
// (org.apache.zookeeper.server.SessionTrackerImpl, ExpiryQueue). The current time is an argument, in milliseconds of
// the elapsed clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "types/ids.h"

namespace quoll::session {

class SessionTable {
 public:
  // Expiry times are rounded up to whole ticks, as in Apache: a session lives for its timeout and up to one tick
  // longer.
  explicit SessionTable(std::int64_t tick_ms) : tick_ms_(tick_ms) {}

  // Adds a session, or resets one that is known, with a full timeout from `now_ms`.
  void track(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms);
  // Extends a session because its client was heard from, over a connection that negotiated this timeout. False: the
  // session is unknown or closing.
  bool touch(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms);
  // Marks the session as closing: its closeSession has been proposed, and touch() returns false from now on.
  void set_closing(SessionId id);
  void remove(SessionId id);
  void clear();

  [[nodiscard]] bool is_known(SessionId id) const { return sessions_.contains(id); }
  [[nodiscard]] bool is_open(SessionId id) const;

  // Which server of the ensemble the session's client is connected to, as a number of the caller's choice. Unknown at
  // first; the first server that asks for the session becomes its owner.
  using Owner = std::uint64_t;
  void set_owner(SessionId id, Owner owner);
  enum class Standing { open, closed, moved };
  // What a request that arrived at `owner` may count on. `moved`: the client is connected to another server by now, so
  // this request is a late one of an earlier connection.
  [[nodiscard]] Standing standing(SessionId id, Owner owner);
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  // Returns the sessions whose time is up and marks them as closing, so that each is returned once.
  std::vector<SessionId> expire(std::int64_t now_ms);
  // When the next bucket expires; INT64_MAX if there is no session.
  [[nodiscard]] std::int64_t next_expiry_ms() const;

  template <typename Visit>  // void(SessionId, std::int32_t timeout_ms)
  void for_each(Visit&& visit) const {
    for (const auto& [id, session] : sessions_) visit(id, session.timeout_ms);
  }
  void check_invariants() const;

  // Expiry time to the sessions of that bucket.
  [[nodiscard]] const std::map<std::int64_t, std::unordered_set<SessionId>>& buckets() const { return buckets_; }

 private:
  struct Session {
    std::int32_t timeout_ms = 0;
    std::int64_t expiry_ms = 0;
    enum { open, closing } state = open;
    std::optional<Owner> owner;
  };
  void schedule(SessionId id, Session& session, std::int32_t timeout_ms, std::int64_t now_ms);
  void unschedule(SessionId id, const Session& session);

  std::int64_t tick_ms_;
  std::unordered_map<SessionId, Session> sessions_;
  std::map<std::int64_t, std::unordered_set<SessionId>> buckets_;
};

}  // namespace quoll::session
