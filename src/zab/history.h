// The transactions of this server as agreement sees them: up to where they are logged, flushed and delivered, and the
// newest of them themselves, for learners that lack a few.
//
//   base ... last_delivered ... last_flushed ... last
//            (applied)          (on disk)        (handed to the log)
//
// Delivery never runs ahead of the disk: what is applied here has been flushed here, even when a quorum has it already.
// So no snapshot is ever newer than the log beside it, and what a server says of itself in an election is durable.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "types/ids.h"
#include "zab/packet.h"

namespace quoll::zab {

struct Entry {
  Zxid zxid;
  Record record;
};

class History {
 public:
  struct Limits {
    std::size_t entries_min = 500;  // commitLogCount
    std::size_t bytes_max = std::size_t{64} << 20;
  };

  // What recovery found: the last transaction of log and snapshot, all of it durable and part of the state; and, if it
  // has them, the newest entries up to it, each following the one before.
  History(Zxid last, std::vector<Entry> newest, Limits limits);

  [[nodiscard]] Zxid base() const { return base_; }  // the transaction before the first entry
  [[nodiscard]] Zxid last() const { return entries_.empty() ? base_ : entries_.back().zxid; }
  [[nodiscard]] Zxid last_flushed() const { return last_flushed_; }
  [[nodiscard]] Zxid last_delivered() const { return last_delivered_; }
  [[nodiscard]] bool is_settled() const { return last_flushed_ == last(); }

  // `zxid` follows last().
  void append(Zxid zxid, Record record);
  void on_flushed(Zxid up_to);
  // Takes the entries that may be delivered now that everything up to `committed` is committed: those that are flushed.
  [[nodiscard]] std::vector<Entry> deliver(Zxid committed);

  // Forgets what is above `to`, which is settled. Returns whether the state holds some of that and must be rebuilt.
  [[nodiscard]] bool truncate(Zxid to);
  // A snapshot has taken the place of everything.
  void replace(Zxid at);

  // The newest transaction of this history that is not above `zxid`; nothing if that is older than base().
  [[nodiscard]] std::optional<Zxid> floor(Zxid zxid) const;
  // The entry behind `zxid`, which is in the history; nullptr behind the last.
  [[nodiscard]] const Entry* after(Zxid zxid) const;
  // Calls visit(entry) for those in (after, up_to].
  template <typename Visit>
  void for_each(Zxid after, Zxid up_to, Visit&& visit) const {
    for (std::size_t at = index_behind(after); at < entries_.size() && entries_[at].zxid <= up_to; ++at)
      visit(entries_[at]);
  }

  void check_invariants() const;

 private:
  // Of the first entry above `zxid`.
  [[nodiscard]] std::size_t index_behind(Zxid zxid) const;
  void trim();

  Limits limits_;
  Zxid base_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  Zxid last_flushed_;
  Zxid last_delivered_;
};

}  // namespace quoll::zab
