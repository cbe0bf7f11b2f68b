#include "session/session_table.h"

#include "base/check.h"

namespace quoll::session {

void SessionTable::unschedule(SessionId id, const Session& session) {
  const auto bucket = buckets_.find(session.expiry_ms);
  if (bucket == buckets_.end()) return;
  bucket->second.erase(id);
  if (bucket->second.empty()) buckets_.erase(bucket);
}

void SessionTable::schedule(SessionId id, Session& session, std::int32_t timeout_ms, std::int64_t now_ms) {
  const std::int64_t expiry_ms = ((now_ms + timeout_ms) / tick_ms_ + 1) * tick_ms_;
  if (expiry_ms == session.expiry_ms) return;
  unschedule(id, session);
  session.expiry_ms = expiry_ms;
  buckets_[expiry_ms].insert(id);
}

void SessionTable::track(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms) {
  Session& session = sessions_[id];
  session.timeout_ms = timeout_ms;
  session.state = Session::open;
  schedule(id, session, timeout_ms, now_ms);
}

bool SessionTable::touch(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || at->second.state == Session::closing) return false;
  schedule(id, at->second, timeout_ms, now_ms);
  return true;
}

void SessionTable::set_closing(SessionId id) {
  const auto at = sessions_.find(id);
  if (at != sessions_.end()) at->second.state = Session::closing;
}

void SessionTable::remove(SessionId id) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  unschedule(id, at->second);
  sessions_.erase(at);
}

void SessionTable::clear() {
  sessions_.clear();
  buckets_.clear();
}

void SessionTable::set_owner(SessionId id, Owner owner) {
  if (const auto at = sessions_.find(id); at != sessions_.end()) at->second.owner = owner;
}

SessionTable::Standing SessionTable::standing(SessionId id, Owner owner) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || at->second.state == Session::closing) return Standing::closed;
  if (!at->second.owner) at->second.owner = owner;
  return *at->second.owner == owner ? Standing::open : Standing::moved;
}

bool SessionTable::is_open(SessionId id) const {
  const auto at = sessions_.find(id);
  return at != sessions_.end() && at->second.state == Session::open;
}

std::vector<SessionId> SessionTable::expire(std::int64_t now_ms) {
  std::vector<SessionId> due;
  while (!buckets_.empty() && buckets_.begin()->first <= now_ms) {
    for (const SessionId id : buckets_.begin()->second) {
      Session& session = sessions_[id];
      session.expiry_ms = 0;
      if (session.state == Session::open) due.push_back(id);
      session.state = Session::closing;
    }
    buckets_.erase(buckets_.begin());
  }
  return due;
}

std::int64_t SessionTable::next_expiry_ms() const {
  return buckets_.empty() ? INT64_MAX : buckets_.begin()->first;
}

void SessionTable::check_invariants() const {
  std::size_t scheduled = 0;
  for (const auto& [expiry_ms, ids] : buckets_) {
    QUOLL_CHECK(!ids.empty() && expiry_ms % tick_ms_ == 0, "a bucket has sessions, and its time is a whole tick");
    for (const SessionId id : ids) {
      const auto at = sessions_.find(id);
      QUOLL_CHECK(at != sessions_.end() && at->second.expiry_ms == expiry_ms, "a session is in the bucket of its time");
    }
    scheduled += ids.size();
  }
  std::size_t expired = 0;
  for (const auto& [id, session] : sessions_) {
    if (session.expiry_ms != 0) continue;
    QUOLL_CHECK(session.state == Session::closing, "a session that no bucket holds is closing");
    ++expired;
  }
  QUOLL_CHECK(scheduled + expired == sessions_.size(), "every session is in one bucket, or has expired");
}

}  // namespace quoll::session
