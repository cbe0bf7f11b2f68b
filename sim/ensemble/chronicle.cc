#include "sim/ensemble/chronicle.h"

#include <fmt/format.h>

namespace quoll::sim {

void Chronicle::begin(const std::string& who, std::int64_t zxid, const MemberLog& log, std::int64_t now_us) {
  if (zxid > last()) {
    // With a new leader its whole history counts as committed.
    const std::int64_t from = last();
    const bool has_it = from == first_ || log.has(from);
    if (!has_it)
      wrong(fmt::format("VZ8 history: {} serves zxid {:x}, and lacks {:x}, which was seen", who, zxid, from));
    return advance(who, from, zxid, log, now_us);
  }
  if (!has(zxid)) wrong(fmt::format("VZ2 history: {} serves zxid {:x}, which is not in the history", who, zxid));
  for (const auto& [logged, txn] : log.entries()) {
    const auto at = entries_.find(logged);
    if (logged > zxid) break;
    if (logged <= first_ || (at != entries_.end() && at->second.txn == txn)) continue;
    return wrong(fmt::format("VZ2 history: {} serves zxid {:x}, and its log has {:x}, which is not in the history", who,
                             zxid, logged));
  }
}

void Chronicle::advance(const std::string& who, std::int64_t from, std::int64_t to, const MemberLog& log,
                        std::int64_t now_us) {
  if (to < from) return wrong(fmt::format("VZ2 history: {} goes back from zxid {:x} to {:x}", who, from, to));
  std::int64_t before = from;
  for (auto at = log.entries().upper_bound(from); at != log.entries().end() && at->first <= to; ++at) {
    take(who, at->first, at->second, before, now_us);
    before = at->first;
  }
  if (before != to)
    wrong(fmt::format("VD2 memory: {} has applied zxid {:x}, and its log has nothing after {:x}", who, to, before));
}

void Chronicle::take(const std::string& who, std::int64_t zxid, const std::string& txn, std::int64_t before,
                     std::int64_t now_us) {
  const auto at = entries_.find(zxid);
  if (at == entries_.end()) {
    if (before != last())
      wrong(fmt::format("VZ2 history: {} applies zxid {:x} after {:x}, but the history goes on to {:x}", who, zxid,
                        before, last()));
    entries_[zxid] = Entry{txn, before, now_us, {}, {}};
    if (on_new) on_new(zxid, txn);
    return;
  }
  if (at->second.txn != txn) wrong(fmt::format("VZ2 history: {} applies another transaction as zxid {:x}", who, zxid));
  if (at->second.before != before)
    wrong(fmt::format("VD3 history: {} applies zxid {:x} after {:x} instead of {:x}", who, zxid, before,
                      at->second.before));
}

void Chronicle::compare(const std::string& who, std::int64_t zxid, std::int64_t digest, const Sessions& sessions) {
  const auto at = entries_.find(zxid);
  if (at == entries_.end()) return;
  Entry& entry = at->second;
  if (!entry.digest) {
    entry.digest = digest;
    entry.sessions = sessions;
    return;
  }
  if (*entry.digest != digest) wrong(fmt::format("VC12 digest: {} has another tree at zxid {:x}", who, zxid));
  if (entry.sessions != sessions)
    wrong(fmt::format("VC7 sessions: {} has other sessions ({} and not {}) at zxid {:x}", who, sessions.size(),
                      entry.sessions.size(), zxid));
}

}  // namespace quoll::sim
