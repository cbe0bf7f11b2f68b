// The one history of an ensemble: the transactions that any member has shown to clients, in the order in which that
// happened. It only grows at its end; whatever a member shows must be a part of it, without a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "sim/ensemble/member_log.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

class Chronicle {
 public:
  explicit Chronicle(std::int64_t first_zxid) : first_(first_zxid) {}

  using Sessions = std::map<std::int64_t, std::int32_t>;
  struct Entry {
    std::string txn;
    std::int64_t before = 0;  // the transaction before it
    std::int64_t at_us = 0;   // when it was first shown
    // The state after it, as the first member had it.
    std::optional<std::int64_t> digest;
    Sessions sessions;
  };

  // Called for a transaction that no member has shown before.
  std::function<void(std::int64_t zxid, const std::string& txn)> on_new;

  // A member begins to serve clients with the state of `zxid`.
  void begin(const std::string& who, std::int64_t zxid, const MemberLog& log, std::int64_t now_us);
  // It has applied everything after `from` up to `to`, which are in its log.
  void advance(const std::string& who, std::int64_t from, std::int64_t to, const MemberLog& log, std::int64_t now_us);
  // Its state after `zxid`.
  void compare(const std::string& who, std::int64_t zxid, std::int64_t digest, const Sessions& sessions);

  [[nodiscard]] std::int64_t last() const { return entries_.empty() ? first_ : entries_.rbegin()->first; }
  [[nodiscard]] bool has(std::int64_t zxid) const { return zxid == first_ || entries_.contains(zxid); }
  [[nodiscard]] const std::map<std::int64_t, Entry>& entries() const { return entries_; }
  Findings findings;

 private:
  // Whether `zxid` is the one after `before` in the history, to which it may be added.
  void take(const std::string& who, std::int64_t zxid, const std::string& txn, std::int64_t before,
            std::int64_t now_us);
  void wrong(std::string what) { findings.push_back(std::move(what)); }

  std::int64_t first_;
  std::map<std::int64_t, Entry> entries_;
};

}  // namespace quoll::sim
