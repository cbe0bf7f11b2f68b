// One member of an ensemble as agreement sees it: exactly one role at a time, events in, one ordered list of effects
// out. The same code runs in production and in the simulator.
//
// A role ends as a whole: the next one begins when everything that was handed to stable storage has been answered, so
// what a member says of its history in an election is on its disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "zab/effects.h"
#include "zab/leading.h"
#include "zab/learning.h"
#include "zab/member_state.h"

namespace quoll::zab {

// Looks for a leader. There is no election before stable storage has answered, nor before `not_before_ms`: a member
// that finds no leader it can follow tries again, but not all the time.
struct Looking {
  std::optional<Election> election;
  std::string why;  // there is no leader
  std::int64_t not_before_ms = 0;
};

class Peer {
 public:
  struct Trust {
    // False: recovery cannot vouch for the history (a log that ends where it must not): the server never leads.
    bool may_lead = true;
  };

  // `state` is what recovery found; all of it is on stable storage.
  Peer(MemberState state, ElectionTimes times, Trust trust);
  // A server without an ensemble leads from the start. `last`: the newest transaction of its log and snapshot.
  // `generation`: of what it appends (AppendLog).
  Peer(ServerId self, Zxid last, std::uint64_t generation = 0);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // A member of an ensemble begins with an election.
  void start(std::int64_t now_ms, Effects& out);

  // `now_ms` never goes back.
  void step(std::int64_t now_ms, const Event& event, Effects& out);
  // Nothing happens by itself before that.
  [[nodiscard]] std::int64_t next_deadline_ms() const;

  // Proposes a transaction; `zxid` is leading()->next_zxid().
  void propose(Zxid zxid, const Record& record, Effects& out);

  // nullptr: this server does not lead, or has no quorum behind it yet.
  [[nodiscard]] const Leading* leading() const;
  [[nodiscard]] Leading* leading();
  [[nodiscard]] const Learning* learning() const { return std::get_if<Learning>(&role_); }
  [[nodiscard]] const Looking* looking() const { return std::get_if<Looking>(&role_); }
  [[nodiscard]] State state() const;
  [[nodiscard]] const MemberState& member() const { return state_; }
  void check_invariants() const;

 private:
  void dispatch(std::int64_t now_ms, const Event& event, Effects& out);
  // What stable storage has done counts whatever the role.
  void note(const LogFlushed& flushed);
  void note(const EpochPersisted& persisted);
  void on(const NotificationReceived& received, std::int64_t now_ms, Effects& out);
  void on_looking(std::int64_t now_ms, const Event& event, Effects& out);
  // Ends a role that has failed, begins the one that an election has decided.
  void change_role(std::int64_t now_ms, Effects& out);
  void look(std::string why, std::int64_t now_ms, Effects& out);
  void begin_election(std::int64_t now_ms, Effects& out);
  void begin_leading(std::int64_t now_ms, Effects& out);
  void close_learner_links(const std::string& why, Effects& out);
  // Counts what storage has been asked for, and the links that have been closed.
  void note_effects(const Effects& out, std::size_t from);
  [[nodiscard]] bool is_observer() const { return !state_.configuration.is_voter(state_.self); }

  MemberState state_;
  ElectionTimes times_;
  Trust trust_;
  std::variant<Looking, Learning, Leading> role_;
  std::int64_t round_ = 0;
  // What it answers to those who look for a leader, while it has one.
  Vote vote_;
  std::set<ServerId> unreachable_;
  std::set<LinkId> links_;  // of learners
  // What learners said while this server was still looking: they may have seen before it that it is to lead.
  std::vector<FromLearner> early_;
  int failures_ = 0;         // roles in a row that have not come to serve
  std::size_t pending_ = 0;  // answers of stable storage that are due, flushes not counted
};

}  // namespace quoll::zab
