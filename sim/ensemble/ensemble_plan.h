// The plan of an ensemble's history: its members, what clients do, and which faults are injected. Plain data, generated
// from a seed, so that a failing plan can be shrunk and run again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trial/plan.h"

namespace quoll::sim {

// A set of members: bit 0 is server1.
using MemberSet = std::uint32_t;

struct EnsembleFault {
  enum class Kind {
    kill,            // ends the process; what it has written stays
    kill_after,      // the same in the middle of an event, after `amount` more changes of the disk
    power_cut,       // everything not synced is lost, and the machine vanishes from the network
    power_cut_torn,  // a random part of what was not synced remains
    power_off_after,
    part,          // nothing passes between `members` and `others` for `amount` microseconds
    part_one_way,  // the same from `members` to `others` only
    cut_links,     // resets the connections between them
    pause,         // suspends the processes for `amount` microseconds, as SIGSTOP does
    hang_disk,     // for `amount` microseconds
    slow_disk,     // jobs take up to `amount` microseconds, from now on
    slow_links,    // everything to and from them takes up to `amount` microseconds more, from now on
    lossy_links,   // `amount` of 1000 packets to and from them are lost and sent again, from now on
    jump_clock,    // the wall clock jumps by `amount` milliseconds
    log_error,     // EIO from a write or, if `amount` is odd, a sync of the log
    wipe,          // ends the process; the next one finds an empty disk
  };
  std::int64_t at_us = 0;
  Kind kind = Kind::kill;
  MemberSet members = 0;
  bool meets_leader = false;  // the member that leads at that time, if there is one, takes the place of `members`
  MemberSet others = 0;
  std::int64_t amount = 0;
  bool refuses = false;  // of a partition: it is not silent
};

struct EnsemblePlan {
  Plan clients;  // its faults of a server's process, disk and network are not executed
  int voters = 3;
  int observers = 0;
  std::int64_t tick_ms = 200;
  std::vector<std::int64_t> drifts_ppm;   // of the clock of each member
  std::int64_t restart_us_max = 400'000;  // how long a member is down after its process has ended
  std::vector<EnsembleFault> faults;
  // How many transactions an epoch has at most; few: a leader uses up its epoch and another one is elected.
  std::uint32_t epoch_transactions_max = 0xfff00000;
  // How many transactions a member keeps at least; few: members that were away get a snapshot.
  std::size_t history_entries_min = 500;

  [[nodiscard]] int members() const { return voters + observers; }
};

EnsemblePlan make_ensemble_plan(std::uint64_t seed, const std::string& workload = {});
// One line of text.
std::string text_of(const EnsembleFault& fault);

}  // namespace quoll::sim
