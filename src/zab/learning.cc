#include "zab/learning.h"

#include <algorithm>

#include "base/check.h"

namespace quoll::zab {

namespace {
// The leader may not have noticed yet that it leads: the first tries follow closely.
constexpr std::int64_t kRedialFirstMs = 10;
constexpr std::int64_t kRedialMaxMs = 160;
// All together take 0.6 s; then it is dead, or does not lead.
constexpr int kRedialsMax = 7;
}  // namespace

Learning::Learning(MemberState& state, ServerId leader, Kind kind, std::int64_t now_ms, Effects& out)
    : state_(state), leader_(leader), kind_(kind), began_ms_(now_ms), heard_ms_(now_ms), redial_ms_(kRedialFirstMs) {
  QUOLL_CHECK(state_.history.is_settled(), "a role begins with a log that is on disk");
  out.emplace_back(DialLeader{leader_, 0});
}

void Learning::fail(std::string why) {
  if (!failure_) failure_ = std::move(why);
}

void Learning::on(const LeaderConnected&, std::int64_t now_ms, Effects& out) {
  QUOLL_CHECK(phase_ == Phase::connecting, "the leader is dialled once");
  phase_ = Phase::discovery;
  heard_ms_ = now_ms;
  out.emplace_back(SendToLeader{LearnerInfo{state_.self, kind_ == Kind::observer, state_.accepted, 0x10000,
                                            state_.configuration.current->version()}});
}

void Learning::on(const LeaderLost& lost, std::int64_t, Effects& out) {
  const bool has_led = phase_ > Phase::discovery || epoch_ != Epoch{};
  if (has_led || redials_ == kRedialsMax) return fail(lost.why);
  phase_ = Phase::connecting;
  ++redials_;
  out.emplace_back(DialLeader{leader_, redial_ms_});
  redial_ms_ = std::min(redial_ms_ * 2, kRedialMaxMs);
}

void Learning::on(const FromLeader& from, std::int64_t now_ms, Effects& out) {
  heard_ms_ = now_ms;
  if (failure_) return;
  if (is_busy()) {
    waiting_.push_back(from.packet);
  } else {
    take(from.packet, out);
  }
}

void Learning::take_waiting(Effects& out) {
  while (!waiting_.empty() && !is_busy() && !failure_) {
    const Packet packet = std::move(waiting_.front());
    waiting_.pop_front();
    take(packet, out);
  }
}

void Learning::take(const Packet& packet, Effects& out) {
  std::visit([&](const auto& one) { take(one, out); }, packet);
}

void Learning::take(const LeaderInfo& info, Effects& out) {
  if (phase_ != Phase::discovery || epoch_ != Epoch{}) return fail("the leader named its epoch twice");
  if (info.epoch < state_.accepted) return fail("the leader's epoch is older than one that was promised");
  if (info.epoch.value() > state_.accepted.value() + kEpochsAheadMax)
    return fail(
        "the leader's epoch is too far from the newest one that was promised. Is it a member of this ensemble?");
  epoch_ = info.epoch;
  counts_as_promise_ = info.epoch > state_.accepted;
  if (!counts_as_promise_) return promise(out);
  busy_ = true;
  out.emplace_back(PersistEpoch{EpochFile::accepted, info.epoch});
}

void Learning::promise(Effects& out) {
  phase_ = Phase::syncing;
  const auto current = counts_as_promise_ ? std::optional(state_.current) : std::nullopt;
  // -1 is Apache's way to say that a history is not to be trusted; the leader sends all of its own.
  out.emplace_back(SendToLeader{AckEpoch{state_.is_complete ? state_.history.last() : Zxid{-1}, current}});
}

bool Learning::has_begun(bool begun) {
  const bool is_expected = phase_ >= Phase::syncing && sync_begun_ == begun;
  if (!is_expected) fail("the leader sent a packet that has no place here");
  return is_expected;
}

void Learning::take(const Diff& diff, Effects&) {
  if (!has_begun(false)) return;
  sync_begun_ = true;
  // What this server has beyond that may be uncommitted.
  committed_ = std::min(diff.to, state_.history.last());
}

void Learning::take(const Trunc& trunc, Effects& out) {
  if (!has_begun(false)) return;
  if (trunc.to < Zxid{0}) return fail("the leader asked to cut the history at an impossible transaction");
  sync_begun_ = true;
  busy_ = true;
  committed_ = trunc.to;
  // A transaction that this server never had leaves a hole: it goes back to the last one before, and asks anew.
  const Zxid to = state_.history.floor(trunc.to).value_or(trunc.to);
  const bool rebuild = state_.history.truncate(to);
  out.emplace_back(TruncateLog{to, rebuild, ++state_.generation});
}

void Learning::take(const Snap& snap, Effects& out) {
  if (!has_begun(false)) return;
  if (snap.at < Zxid{0} || snap.at.epoch() > epoch_)
    return fail("the leader's snapshot is of an impossible transaction");
  sync_begun_ = true;
  busy_ = true;
  committed_ = snap.at;
  // Until it has come whole this server keeps its own history, and what is flushed counts.
  out.emplace_back(InstallSnapshot{snap.at, state_.history.last(), state_.generation + 1});
}

void Learning::on(const Truncated& truncated, Effects& out) {
  busy_ = false;
  state_.on_truncated(truncated.last);
  if (truncated.last != committed_) return fail("the leader cut off more than this server has");
  take_waiting(out);
}

void Learning::on(const SnapshotInstalled& installed, Effects& out) {
  QUOLL_CHECK(installed.at == committed_, "the snapshot is the one that the leader sent");
  busy_ = false;
  state_.on_installed(installed.at, installed.may_lack);
  take_waiting(out);
}

void Learning::append(Zxid zxid, const Record& record, Effects& out) {
  // What is there already is not logged twice: leaders may propose to a learner what they also sent to catch it up.
  if (zxid <= state_.history.last()) {
    const auto have = state_.history.floor(zxid);
    if (have && *have != zxid) fail("the leader sent a transaction that this server's history does not have");
    return;
  }
  if (!follows(state_.history.last(), zxid)) return fail("the leader left out transactions");
  state_.history.append(zxid, record);
  out.emplace_back(AppendLog{zxid, record, state_.generation});
}

template <typename P>
bool Learning::is_deferred(const P& packet) {
  if (phase_ >= Phase::ready || packet.zxid.epoch() != epoch_) return false;
  deferred_.emplace_back(packet);
  return true;
}

void Learning::take(const Proposal& proposal, Effects& out) {
  if (has_begun(true) && !is_deferred(proposal)) append(proposal.zxid, proposal.record, out);
}

void Learning::take(const Commit& commit, Effects& out) {
  if (!has_begun(true) || is_deferred(commit) || commit.zxid <= committed_) return;
  const Entry* const next = state_.history.after(committed_);
  if (next == nullptr || next->zxid != commit.zxid) return fail("the leader committed what it did not propose");
  committed_ = commit.zxid;
  deliver(out);
}

void Learning::take(const Inform& inform, Effects& out) {
  if (!has_begun(true) || is_deferred(inform)) return;
  append(inform.zxid, inform.record, out);
  if (!failure_) take(Commit{inform.zxid}, out);
}

void Learning::take(const NewLeader& leader, Effects& out) {
  if (!has_begun(true)) return;
  if (phase_ != Phase::syncing || leader.epoch != epoch_) return fail("the leader began another epoch than it named");
  phase_ = Phase::acknowledging;
  history_end_ = state_.history.last();
  acknowledge_history(out);
}

void Learning::acknowledge_history(Effects& out) {
  if (phase_ != Phase::acknowledging || state_.history.last_flushed() < history_end_) return;
  if (writes_current_) return;
  if (state_.current < epoch_ || !state_.is_complete) {
    writes_current_ = true;
    out.emplace_back(PersistEpoch{EpochFile::current, epoch_});
    return;
  }
  become_ready(out);
}

void Learning::become_ready(Effects& out) {
  phase_ = Phase::ready;
  out.emplace_back(SendToLeader{Ack{epoch_zxid(epoch_)}});
  acknowledged_ = committed_;
  while (!deferred_.empty() && !failure_) {
    const Packet packet = std::move(deferred_.front());
    deferred_.pop_front();
    take(packet, out);
  }
  acknowledge_proposals(out);
}

void Learning::on(const EpochPersisted& persisted, Effects& out) {
  if (persisted.file == EpochFile::accepted) {
    busy_ = false;
    promise(out);
    take_waiting(out);
  } else {
    writes_current_ = false;
    acknowledge_history(out);
  }
}

void Learning::on(const LogFlushed&, Effects& out) {
  // While currentEpoch is being written there is nothing more to wait for but that.
  if (phase_ == Phase::acknowledging) return acknowledge_history(out);
  acknowledge_proposals(out);
  deliver(out);
}

void Learning::acknowledge_proposals(Effects& out) {
  if (kind_ == Kind::observer || phase_ < Phase::ready) return;
  const Zxid flushed = state_.history.last_flushed();
  // One for each: Apache's leader counts them singly.
  state_.history.for_each(std::max(acknowledged_, committed_), flushed,
                          [&](const Entry& entry) { out.emplace_back(SendToLeader{Ack{entry.zxid}}); });
  acknowledged_ = std::max(acknowledged_, flushed);
}

void Learning::take(const UpToDate&, Effects& out) {
  if (phase_ != Phase::ready) return fail("the leader called this server up to date too early");
  phase_ = Phase::broadcasting;
  out.emplace_back(SendToLeader{Ack{epoch_zxid(epoch_)}});
  serves_from_ = committed_;
  deliver(out);
}

void Learning::take(const Ping& ping, Effects& out) {
  // Before that Apache's leader takes an answer for something else.
  if (phase_ == Phase::broadcasting) out.emplace_back(AnswerPing{ping.zxid});
}

void Learning::take(const ServerPacket& packet, Effects& out) {
  if (!has_begun(true)) return;
  passed_.push_back(Passed{committed_, packet});
  deliver(out);
}

void Learning::deliver(Effects& out) {
  if (phase_ != Phase::broadcasting) return;
  for (Entry& entry : state_.history.deliver(committed_)) {
    // What the server was told behind an earlier transaction comes before the next one.
    while (!passed_.empty() && passed_.front().behind < entry.zxid) {
      out.emplace_back(PassToServer{LinkId{0}, std::move(passed_.front().packet)});
      passed_.pop_front();
    }
    out.emplace_back(Deliver{entry.zxid, std::move(entry.record)});
  }
  if (serves_from_ && state_.history.last_delivered() >= *serves_from_) {
    serves_from_.reset();
    out.emplace_back(ServeAs{kind_ == Kind::observer ? State::observing : State::following, epoch_});
  }
  while (!passed_.empty() && passed_.front().behind <= state_.history.last_delivered()) {
    out.emplace_back(PassToServer{LinkId{0}, std::move(passed_.front().packet)});
    passed_.pop_front();
  }
}

std::int64_t Learning::next_deadline_ms() const {
  if (phase_ == Phase::connecting) return began_ms_ + state_.times.init_ms();
  return heard_ms_ + (phase_ == Phase::broadcasting ? state_.times.sync_ms() : state_.times.init_ms());
}

void Learning::on_time(std::int64_t now_ms) {
  // A snapshot that is being installed keeps the loop of the link busy; the transport says when it ends.
  if (is_busy()) heard_ms_ = std::max(heard_ms_, now_ms);
  if (now_ms >= next_deadline_ms()) fail("the leader has been silent for too long");
}

void Learning::check_invariants() const {
  state_.history.check_invariants();
  QUOLL_CHECK(state_.current <= state_.accepted, "no epoch is current that was not accepted");
  if (phase_ >= Phase::ready) {
    QUOLL_CHECK(state_.current == epoch_ && state_.is_complete,
                "NEWLEADER is acknowledged after currentEpoch is written");
    QUOLL_CHECK(state_.history.last_flushed() >= history_end_, "NEWLEADER is acknowledged when the history is on disk");
  }
  if (counts_as_promise_ && phase_ >= Phase::acknowledging && state_.current == epoch_)
    QUOLL_CHECK(state_.history.last_flushed() >= history_end_, "currentEpoch is written when the history is on disk");
  if (phase_ > Phase::discovery)
    QUOLL_CHECK(state_.accepted == epoch_, "ACKEPOCH is sent after acceptedEpoch is written");
  QUOLL_CHECK(acknowledged_ <= state_.history.last_flushed() || phase_ < Phase::ready,
              "only what is on disk is acknowledged");
}

}  // namespace quoll::zab
