// One election: from the votes of the ensemble to the server that is to lead it. A step function over notifications and
// time, which answers with notifications and, in the end, the vote that has won
// (org.apache.zookeeper.server.quorum.FastLeaderElection.lookForLeader).
//
// An election is only a proposal. That no acknowledged transaction is lost rests on discovery (leading.h, learning.h):
// a leader needs a quorum whose histories are not more recent than its own. A wrong outcome here costs time, not data.
//
// Where this is quicker than Apache's server, which always waits for 200 ms after it sees a quorum: the wait ends at
// once when every voter that can be reached has voted in this round.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "zab/configuration.h"
#include "zab/vote.h"

namespace quoll::zab {

struct ElectionTimes {
  std::int64_t finalize_ms = 200;      // quiet time after a quorum agrees
  std::int64_t resend_min_ms = 200;    // fastleader.minNotificationInterval; doubles up to
  std::int64_t resend_max_ms = 60000;  // fastleader.maxNotificationInterval
};

// A notification to send on the election port.
struct Told {
  ServerId to;
  Notification notification;
};

class Election {
 public:
  struct Own {
    ServerId self;
    // What this server votes for at first. It must be Vote{} when the server is an observer or cannot trust its own
    // history: then it can never be elected.
    Vote vote;
    // False: the server has no data and was not told that it is new, so its vote must not help to form a quorum
    // (db.autocreate=false): a stale candidate could lead with it.
    bool counts = true;
  };
  struct Outcome {
    Vote vote;
    std::int64_t round = 0;
  };

  // `round` is one more than that of the election before.
  Election(Own own, const Configuration& configuration, ElectionTimes times, std::int64_t round,
           std::set<ServerId> unreachable);

  // Tells every voter the first vote.
  void start(std::int64_t now_ms, std::vector<Told>& out);
  // A notification from a member of the ensemble. A sender outside the configuration's voters is answered, but never
  // counted.
  void on(ServerId from, const Notification& notification, std::int64_t now_ms, std::vector<Told>& out);
  // Time has passed; call it at next_deadline_ms() or later.
  void on_time(std::int64_t now_ms, std::vector<Told>& out);
  // The connection to a member was opened (it is told the current vote) or is known to be impossible.
  void on_reachable(ServerId peer, std::vector<Told>& out);
  void on_unreachable(ServerId peer, std::int64_t now_ms);

  // Set when the election is over; then nothing else may be called.
  [[nodiscard]] const std::optional<Outcome>& outcome() const { return outcome_; }
  [[nodiscard]] std::int64_t next_deadline_ms() const;
  [[nodiscard]] std::int64_t round() const { return round_; }
  [[nodiscard]] const Vote& vote() const { return vote_; }
  // What it waits for, for status and log: those whose votes agree with this server's in this round.
  [[nodiscard]] std::vector<ServerId> supporters() const;
  [[nodiscard]] const std::set<ServerId>& unreachable() const { return unreachable_; }

 private:
  void on_looking(ServerId from, const Notification& notification, std::int64_t now_ms, std::vector<Told>& out);
  void on_established(ServerId from, const Notification& notification);
  [[nodiscard]] bool may_win(const Vote& vote) const;
  [[nodiscard]] bool is_better(const Vote& vote) const { return may_win(vote) && vote > vote_; }
  void adopt(const Vote& vote, std::vector<Told>& out);
  void tell_all(std::vector<Told>& out);
  [[nodiscard]] Notification current() const;
  // Looks whether a quorum of this round's votes agrees with this server's.
  void count(std::int64_t now_ms);
  [[nodiscard]] bool all_have_voted() const;
  // Whether those of `seen` who say the same as `claim` are a quorum, its leader among them.
  [[nodiscard]] bool stands(const std::map<ServerId, Notification>& seen, const Notification& claim) const;

  const Own own_;
  const Configuration& configuration_;
  const ElectionTimes times_;
  std::int64_t round_;
  Vote vote_;
  std::set<ServerId> unreachable_;
  // The newest of each voter: of this round, and of those that follow or lead already, whatever their round.
  std::map<ServerId, Notification> in_round_;
  std::map<ServerId, Notification> established_;
  std::optional<std::int64_t> agreed_ms_;  // since when a quorum agrees
  std::int64_t resend_ms_;
  std::int64_t resend_at_ms_ = 0;
  std::optional<Outcome> outcome_;
};

}  // namespace quoll::zab
