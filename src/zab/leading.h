// The role of a leader.
//
//   discovery       a quorum says which epochs it has accepted; the new epoch is larger than all of them
//   promising       LEADERINFO names the epoch; a quorum promises it, the leader by writing acceptedEpoch, the others
//                   with ACKEPOCH, and none of these has a more recent history than the leader
//   synchronisation currentEpoch is written; each learner is brought up to the leader's history, then gets NEWLEADER
//   broadcasting    a quorum has acknowledged NEWLEADER: the whole history counts as committed, UPTODATE lets the
//                   learners serve; proposals are logged, sent, acknowledged by a quorum and committed in their order
//
// A leader keeps for each member up to where it has acknowledged, not a set of acknowledgements for each proposal.
// Whatever a learner says wrongly ends its own link; it never ends the leader.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "zab/effects.h"
#include "zab/member_state.h"

namespace quoll::zab {

class Leading {
 public:
  enum class Phase { discovery, promising, synchronisation, broadcasting };

  // A member that was elected.
  Leading(MemberState& state, std::int64_t now_ms, Effects& out);
  // A server without an ensemble: it leads at once, in the epoch that its history has.
  static Leading alone(MemberState& state);

  void on(const LearnerConnected& connected, std::int64_t now_ms);
  void on(const LearnerLost& lost);
  void on(const FromLearner& from, std::int64_t now_ms, Effects& out);
  void on(const LearnerProgress& progress, std::int64_t now_ms);
  void on(const LogFlushed& flushed, Effects& out);
  void on(const EpochPersisted& persisted, Effects& out);
  void on_time(std::int64_t now_ms, Effects& out);

  // Whether transactions may be proposed.
  [[nodiscard]] bool is_broadcasting() const { return phase_ == Phase::broadcasting && !failure_; }
  [[nodiscard]] Zxid next_zxid() const;
  // `zxid` is next_zxid().
  void propose(Zxid zxid, const Record& record, Effects& out);
  // To one learner, behind everything that was committed or sent to it before.
  void send(LinkId link, ServerPacket packet, Effects& out);

  // Set when it no longer leads: why. The role is over.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] Epoch epoch() const { return epoch_; }
  [[nodiscard]] Zxid last_committed() const { return committed_; }
  // 0: now.
  [[nodiscard]] std::int64_t next_deadline_ms() const { return is_used_up() ? 0 : next_look_ms_; }
  // When it was elected.
  [[nodiscard]] std::int64_t began_ms() const { return began_ms_; }
  // Connections of learners, whatever they have come to.
  [[nodiscard]] std::size_t link_count() const { return learners_.size(); }
  // Members that serve behind this leader.
  [[nodiscard]] std::vector<ServerId> up_to_date() const;
  // For operators: how far each learner is that has said who it is.
  struct LearnerView {
    ServerId id;
    LinkId link;
    bool votes = false;
    bool is_up_to_date = false;
    Zxid acknowledged;
  };
  [[nodiscard]] std::vector<LearnerView> learners() const;
  void check_invariants() const;

 private:
  struct Learner {
    enum class Phase { connected, joined, asked, promised, syncing, synced, up_to_date };
    LinkId link;
    Phase phase = Phase::connected;
    ServerId id;
    bool votes = false;
    Zxid last;  // as its ACKEPOCH had it
    Zxid acknowledged;
    std::int64_t heard_ms = 0;
  };
  struct Alone {};
  Leading(MemberState& state, Alone);

  void take(Learner& from, const LearnerInfo& info, Effects& out);
  void take(Learner& from, const AckEpoch& ack, Effects& out);
  void take(Learner& from, const Ack& ack, Effects& out);
  void take(Learner& from, const Ping& ping, Effects& out);
  void take(Learner& from, const ServerPacket& packet, Effects& out);
  template <typename LeadersPacket>
  void take(Learner& from, const LeadersPacket&, Effects& out) {
    refuse(from, "it sent a leader's packet", out);
  }
  // Why this learner may not join; nothing: it may.
  [[nodiscard]] std::optional<std::string> objection_to(const LearnerInfo& info) const;
  // A voter that has promised a later epoch to somebody who never came to lead can't follow this leader any more.
  // Returns whether this is one; if so a new epoch is begun in a while, which it can take part in.
  [[nodiscard]] bool is_stranded(const LearnerInfo& info);
  void replace_older_link(const Learner& newer, Effects& out);
  void close_discovery(Effects& out);
  void ask_for_promise(Learner& learner, Effects& out);
  void close_promising(Effects& out);
  void synchronise(Learner& learner, Effects& out);
  void send_history(const Learner& learner, Zxid from, Effects& out);
  void take_over(Effects& out);
  void call_up_to_date(Learner& learner, Effects& out);
  void commit(Effects& out);
  void deliver(Effects& out);
  [[nodiscard]] Zxid target() const;
  [[nodiscard]] bool is_quorum_with_self(const std::set<ServerId>& ids) const;
  // Up to where a quorum has acknowledged.
  [[nodiscard]] Zxid quorum_acknowledged() const;
  // The voters whose links have got at least so far.
  [[nodiscard]] std::set<ServerId> voters_from(Learner::Phase phase) const;
  // The next transaction needs a new epoch.
  [[nodiscard]] bool is_used_up() const;
  void drop_silent(std::int64_t now_ms, Effects& out);
  // Ends the link of a learner; it is destroyed when the event is over.
  void refuse(Learner& learner, std::string why, Effects& out);
  void fail(std::string why);

  MemberState& state_;
  Phase phase_ = Phase::discovery;
  bool has_promised_ = false;  // acceptedEpoch is on disk
  bool has_begun_ = false;     // currentEpoch is on disk
  Epoch epoch_;
  // As it was when this server was elected: what its history is compared by.
  const Epoch epoch_before_;
  std::set<ServerId> joined_;
  std::set<ServerId> promised_;
  std::map<LinkId, Learner> learners_;
  std::set<LinkId> refused_;
  Zxid last_proposed_;
  Zxid committed_;
  std::int64_t began_ms_ = 0;
  std::int64_t next_look_ms_ = 0;
  bool is_alone_ = false;
  bool checks_quorum_ = false;  // every other time
  bool strands_a_voter_ = false;
  std::optional<std::string> failure_;
};

}  // namespace quoll::zab
