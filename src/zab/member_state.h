// What a member keeps over all its roles, and what of it is on stable storage.
#pragma once

#include <cstdint>

#include "types/ids.h"
#include "zab/configuration.h"
#include "zab/history.h"

namespace quoll::zab {

struct Times {
  std::int64_t tick_ms = 2000;
  std::int64_t init_ticks = 10;  // initLimit: for connecting and synchronising
  std::int64_t sync_ticks = 5;   // syncLimit: for silence afterwards
  [[nodiscard]] std::int64_t init_ms() const { return tick_ms * init_ticks; }
  [[nodiscard]] std::int64_t sync_ms() const { return tick_ms * sync_ticks; }
};

// The epoch that another member names may be so much later than the newest one that this member has accepted, no more:
// each election takes one, and a peer that claims more would use up the epochs.
inline constexpr std::int64_t kEpochsAheadMax = 1 << 20;

struct MemberState {
  ServerId self;
  Configuration configuration;
  Times times;
  History history;
  // As the files have them: they change when the write is done, never before.
  Epoch accepted;
  Epoch current;
  // The highest epoch that a voter is known to have accepted without this server; see Leading::objection_to.
  Epoch accepted_elsewhere;
  // Of the log; grows when a cut begins, and when a leader's state has taken its place.
  std::uint64_t generation = 0;
  // False: transactions that this server has acknowledged may be missing in its history. It has lost its data, or a
  // leader has replaced its history by a state that ends earlier and has not sent yet what it shares beyond that. Such
  // a member is not elected, its vote counts for nobody, and its promise of an epoch says so. True again when
  // currentEpoch is written.
  bool is_complete = true;
  // A zxid has 32 bits for the number within its epoch. A leader that has come so far gives up at the next event. What
  // it proposes until the end of this one has room behind it; the very last number is never used, because behind it the
  // number would run over into the epoch (ZOOKEEPER-1277).
  std::uint32_t counter_max = 0xfff00000;

  // The log has been cut; it ends earlier than it was to if the server could not cut there and has given up everything.
  void on_truncated(Zxid last) {
    if (last == history.last()) return;
    history.replace(last);
    is_complete = false;
  }
  // The leader's state has taken the place of state and log.
  void on_installed(Zxid at, bool may_lack) {
    if (may_lack) is_complete = false;
    history.replace(at);
    ++generation;
  }
};

}  // namespace quoll::zab
