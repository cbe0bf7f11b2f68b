// The role of a follower or an observer, from its election on until it loses its leader.
//
//   connecting    dials the leader; then FOLLOWERINFO or OBSERVERINFO
//   discovery     LEADERINFO brings a new epoch: it is written to acceptedEpoch, then ACKEPOCH says what is in the log
//   syncing       DIFF, TRUNC or SNAP and the transactions that are missing, all of them to the log; NEWLEADER
//   acknowledging all of that is flushed, then currentEpoch is written, then NEWLEADER is acknowledged
//   ready         waits for UPTODATE
//   broadcasting  PROPOSAL, COMMIT, INFORM; serves clients as soon as all that UPTODATE came behind is applied
//
// The order in `acknowledging` is what Apache's servers had to learn in many steps (ZOOKEEPER-3911, 4643, 4646, 4785):
// whoever says that it has the history has it on disk, and says so by its epoch only after that. A synchronisation that
// does not get that far leaves a log with a longer end, an ordinary uncommitted one. Nothing is applied before
// UPTODATE: until then the leader has no quorum, and all of it may be cut off again. Transactions of the new epoch
// itself are not logged before currentEpoch is written: on disk no log is ever of a later epoch than that file (a
// snapshot may be, for the time between its installation and the write).
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "zab/effects.h"
#include "zab/member_state.h"

namespace quoll::zab {

class Learning {
 public:
  enum class Phase { connecting, discovery, syncing, acknowledging, ready, broadcasting };
  enum class Kind { follower, observer };

  Learning(MemberState& state, ServerId leader, Kind kind, std::int64_t now_ms, Effects& out);

  void on(const LeaderConnected&, std::int64_t now_ms, Effects& out);
  void on(const LeaderLost& lost, std::int64_t now_ms, Effects& out);
  void on(const FromLeader& from, std::int64_t now_ms, Effects& out);
  void on(const LogFlushed& flushed, Effects& out);
  void on(const EpochPersisted& persisted, Effects& out);
  void on(const Truncated& truncated, Effects& out);
  void on(const SnapshotInstalled& installed, Effects& out);
  void on(const SnapshotAborted&) { fail("the leader's snapshot did not come whole"); }
  void on_time(std::int64_t now_ms);

  // Set when it has no leader any more: why. The role is over.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] ServerId leader() const { return leader_; }
  [[nodiscard]] Epoch epoch() const { return epoch_; }
  [[nodiscard]] std::int64_t next_deadline_ms() const;
  void check_invariants() const;

 private:
  // Storage is changing what the next packet builds on.
  [[nodiscard]] bool is_busy() const { return busy_; }
  void take_waiting(Effects& out);
  void take(const Packet& packet, Effects& out);
  void take(const LeaderInfo& info, Effects& out);
  void take(const Diff& diff, Effects& out);
  void take(const Trunc& trunc, Effects& out);
  void take(const Snap& snap, Effects& out);
  void take(const Proposal& proposal, Effects& out);
  void take(const Commit& commit, Effects& out);
  void take(const Inform& inform, Effects& out);
  void take(const NewLeader& leader, Effects& out);
  void take(const UpToDate&, Effects& out);
  void take(const Ping& ping, Effects& out);
  void take(const ServerPacket& packet, Effects& out);
  // What only a learner may send.
  void take(const LearnerInfo&, Effects&) { fail("the leader sent a learner's packet"); }
  void take(const AckEpoch&, Effects&) { fail("the leader sent a learner's packet"); }
  void take(const Ack&, Effects&) { fail("the leader sent a learner's packet"); }
  // Keeps a transaction of the new epoch, or its commit, until currentEpoch is written. False: it is not kept.
  template <typename P>
  [[nodiscard]] bool is_deferred(const P& packet);
  void become_ready(Effects& out);
  // What a leader may send once the synchronisation has begun.
  [[nodiscard]] bool has_begun(bool begun);
  void append(Zxid zxid, const Record& record, Effects& out);
  void promise(Effects& out);
  void acknowledge_history(Effects& out);
  void acknowledge_proposals(Effects& out);
  void deliver(Effects& out);
  void fail(std::string why);

  MemberState& state_;
  const ServerId leader_;
  const Kind kind_;
  Phase phase_ = Phase::connecting;
  Epoch epoch_;
  bool counts_as_promise_ = false;  // the epoch is new to this server
  bool sync_begun_ = false;         // DIFF, TRUNC or SNAP has come
  bool busy_ = false;
  bool writes_current_ = false;  // currentEpoch is being written
  std::deque<Packet> waiting_;   // came while busy
  std::deque<Packet> deferred_;  // of the new epoch, before currentEpoch is written
  // Up to where the leader said that it is committed, and up to where this server has acknowledged proposals.
  Zxid committed_;
  Zxid acknowledged_;
  // The end of what NEWLEADER is about.
  Zxid history_end_;
  // Set between UPTODATE and ServeAs: what was committed before UPTODATE. A snapshot that the leader wrote while it
  // went on holds parts of transactions up to here, and is a state that never was until all of them are applied.
  std::optional<Zxid> serves_from_;
  struct Passed {
    Zxid behind;  // told to the server when this has been delivered
    ServerPacket packet;
  };
  std::deque<Passed> passed_;
  std::int64_t began_ms_;
  std::int64_t heard_ms_;
  std::int64_t redial_ms_;
  int redials_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace quoll::zab
