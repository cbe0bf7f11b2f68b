#include "zab/leading.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "base/check.h"
#include "zab/sync_plan.h"

namespace quoll::zab {

Leading::Leading(MemberState& state, std::int64_t now_ms, Effects& out)
    : state_(state),
      epoch_(Epoch{std::max(state.accepted, state.accepted_elsewhere).value() + 1}),
      epoch_before_(state.current),
      committed_(state.history.last_delivered()),
      began_ms_(now_ms),
      next_look_ms_(now_ms + state.times.tick_ms / 2) {
  QUOLL_CHECK(state_.history.is_settled(), "a role begins with a log that is on disk");
  close_discovery(out);
}

Leading::Leading(MemberState& state, Alone)
    : state_(state),
      phase_(Phase::broadcasting),
      epoch_(state.history.last().epoch()),
      epoch_before_(state.current),
      last_proposed_(state.history.last()),
      committed_(state.history.last()),
      next_look_ms_(std::numeric_limits<std::int64_t>::max()),
      is_alone_(true) {}

Leading Leading::alone(MemberState& state) {
  return Leading(state, Alone{});
}

void Leading::fail(std::string why) {
  if (!failure_) failure_ = std::move(why);
}

bool Leading::is_quorum_with_self(const std::set<ServerId>& ids) const {
  return state_.configuration.is_quorum([&](ServerId id) { return id == state_.self || ids.contains(id); });
}

// ---- Learners come and go.

void Leading::on(const LearnerConnected& connected, std::int64_t now_ms) {
  const bool is_new = learners_.emplace(connected.link, Learner{.link = connected.link, .heard_ms = now_ms}).second;
  QUOLL_CHECK(is_new, "a link connects once");
}

void Leading::on(const LearnerLost& lost) {
  learners_.erase(lost.link);
}

void Leading::on(const LearnerProgress& progress, std::int64_t now_ms) {
  if (const auto at = learners_.find(progress.link); at != learners_.end()) at->second.heard_ms = now_ms;
}

std::set<ServerId> Leading::voters_from(Learner::Phase phase) const {
  std::set<ServerId> ids;
  for (const auto& [link, learner] : learners_) {
    if (learner.votes && learner.phase >= phase) ids.insert(learner.id);
  }
  return ids;
}

void Leading::refuse(Learner& learner, std::string why, Effects& out) {
  if (!refused_.insert(learner.link).second) return;
  out.emplace_back(CloseLearnerLink{learner.link, std::move(why)});
}

void Leading::on(const FromLearner& from, std::int64_t now_ms, Effects& out) {
  const auto at = learners_.find(from.link);
  if (at == learners_.end() || failure_) return;
  Learner& learner = at->second;
  learner.heard_ms = now_ms;
  std::visit([&](const auto& packet) { take(learner, packet, out); }, from.packet);
  for (const LinkId link : std::exchange(refused_, {})) learners_.erase(link);
}

std::optional<std::string> Leading::objection_to(const LearnerInfo& info) const {
  if (info.id == state_.self) return "it has the id of this server: check its myid";
  if (!info.is_observer && !state_.configuration.is_member(info.id)) return "it is no member of the ensemble";
  if (info.configuration_version > state_.configuration.current->version())
    return "its configuration is newer than this leader's";
  if (info.accepted.value() < 0 || info.accepted.value() > state_.accepted.value() + kEpochsAheadMax)
    return "its accepted epoch is too far from this server's";
  return std::nullopt;
}

void Leading::take(Learner& from, const LearnerInfo& info, Effects& out) {
  if (from.phase != Learner::Phase::connected) return refuse(from, "it introduced itself twice", out);
  if (const auto objection = objection_to(info)) return refuse(from, *objection, out);
  from.id = info.id;
  from.votes = !info.is_observer && state_.configuration.is_voter(info.id);
  if (is_stranded(info)) return refuse(from, "it has promised a later epoch than this leader's", out);
  from.phase = Learner::Phase::joined;
  replace_older_link(from, out);
  if (phase_ != Phase::discovery) {
    ask_for_promise(from, out);
    return;
  }
  if (from.votes) {
    epoch_ = std::max(epoch_, Epoch{info.accepted.value() + 1});
    joined_.insert(from.id);
  }
  close_discovery(out);
}

bool Leading::is_stranded(const LearnerInfo& info) {
  if (phase_ == Phase::discovery || info.accepted <= epoch_) return false;
  if (!info.is_observer && state_.configuration.is_voter(info.id)) {
    strands_a_voter_ = true;
    state_.accepted_elsewhere = std::max(state_.accepted_elsewhere, info.accepted);
  }
  return true;
}

// One link for each member: acknowledgements of two of the same id must never count as those of two.
void Leading::replace_older_link(const Learner& newer, Effects& out) {
  for (auto& [link, learner] : learners_) {
    if (link != newer.link && learner.phase != Learner::Phase::connected && learner.id == newer.id)
      refuse(learner, "the same member has connected again", out);
  }
}

// ---- Discovery: the epoch.

// The promises of others are waited for while this server's own is being written: it counts when it is on disk.
void Leading::close_discovery(Effects& out) {
  if (!is_quorum_with_self(joined_)) return;
  phase_ = Phase::promising;
  out.emplace_back(PersistEpoch{EpochFile::accepted, epoch_});
  for (auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::joined) ask_for_promise(learner, out);
  }
}

void Leading::on(const EpochPersisted& persisted, Effects& out) {
  if (persisted.file == EpochFile::accepted) {
    has_promised_ = true;
    close_promising(out);
  } else {
    has_begun_ = true;
    take_over(out);
  }
}

void Leading::ask_for_promise(Learner& learner, Effects& out) {
  learner.phase = Learner::Phase::asked;
  out.emplace_back(SendToLearner{learner.link, LeaderInfo{epoch_}});
}

void Leading::take(Learner& from, const AckEpoch& ack, Effects& out) {
  if (from.phase != Learner::Phase::asked) return refuse(from, "it promised an epoch that nobody asked it for", out);
  from.phase = Learner::Phase::promised;
  from.last = ack.last;
  if (phase_ != Phase::promising) return synchronise(from, out);
  if (!ack.current) return;
  const auto theirs = std::pair(*ack.current, ack.last);
  if (theirs > std::pair(epoch_before_, state_.history.last())) {
    // Its promise is not counted. If it has a committed transaction that this server lacks, so has one member of every
    // quorum, and no quorum of others can promise.
    refuse(from, "it has a more recent history than this server, which was elected to lead", out);
    from.phase = Learner::Phase::connected;
    if (!is_quorum_with_self(voters_from(Learner::Phase::joined)))
      fail("server " + std::to_string(from.id.value()) + " has a more recent history");
    return;
  }
  // -1: its history can't be trusted, so its promise must not help anybody to lead.
  if (from.votes && ack.last != Zxid{-1}) promised_.insert(from.id);
  close_promising(out);
}

// Learners are synchronised while this server writes currentEpoch; it takes over when that is on disk, too.
void Leading::close_promising(Effects& out) {
  if (!has_promised_ || !is_quorum_with_self(promised_)) return;
  phase_ = Phase::synchronisation;
  last_proposed_ = epoch_zxid(epoch_);
  out.emplace_back(PersistEpoch{EpochFile::current, epoch_});
  for (auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::promised) synchronise(learner, out);
  }
}

// ---- Synchronisation: the history.

Zxid Leading::target() const {
  return phase_ == Phase::broadcasting ? committed_ : state_.history.last();
}

void Leading::synchronise(Learner& learner, Effects& out) {
  learner.phase = Learner::Phase::syncing;
  const SyncPlan plan = plan_sync(state_.history, target(), {epoch_, epoch_before_}, learner.last);
  switch (plan.kind) {
    case SyncPlan::Kind::diff:
      out.emplace_back(SendToLearner{learner.link, Diff{target()}});
      send_history(learner, plan.from, out);
      break;
    case SyncPlan::Kind::trunc:
      out.emplace_back(SendToLearner{learner.link, Trunc{plan.from}});
      send_history(learner, plan.from, out);
      break;
    case SyncPlan::Kind::snap:
      out.emplace_back(SendToLearner{learner.link, Snap{state_.history.last_delivered()}});
      out.emplace_back(StreamSnapshot{learner.link});
      send_history(learner, state_.history.last_delivered(), out);
      break;
  }
  // What is proposed and not committed yet. Observers get it when it is.
  if (learner.votes) {
    state_.history.for_each(target(), state_.history.last(), [&](const Entry& entry) {
      out.emplace_back(SendToLearner{learner.link, Proposal{entry.zxid, entry.record}});
    });
  }
  out.emplace_back(SendToLearner{learner.link, NewLeader{epoch_, state_.configuration.current->text()}});
}

void Leading::send_history(const Learner& learner, Zxid from, Effects& out) {
  state_.history.for_each(from, target(), [&](const Entry& entry) {
    out.emplace_back(SendToLearner{learner.link, Proposal{entry.zxid, entry.record}});
    out.emplace_back(SendToLearner{learner.link, Commit{entry.zxid}});
  });
}

void Leading::take(Learner& from, const Ack& ack, Effects& out) {
  if (ack.zxid == epoch_zxid(epoch_)) {
    // Once for NEWLEADER and once for UPTODATE, which tells nothing new.
    if (from.phase == Learner::Phase::up_to_date) return;
    if (from.phase != Learner::Phase::syncing) return refuse(from, "it acknowledged NEWLEADER before it was sent", out);
    from.phase = Learner::Phase::synced;
    return phase_ == Phase::broadcasting ? call_up_to_date(from, out) : take_over(out);
  }
  if (from.phase < Learner::Phase::synced) return refuse(from, "it acknowledged something else than NEWLEADER", out);
  if (ack.zxid > last_proposed_) return refuse(from, "it acknowledged what was not proposed", out);
  from.acknowledged = std::max(from.acknowledged, ack.zxid);
  // What is committed needs no more acknowledgements.
  if (from.votes && from.acknowledged > committed_) commit(out);
}

void Leading::take_over(Effects& out) {
  if (phase_ != Phase::synchronisation || !has_begun_) return;
  if (!is_quorum_with_self(voters_from(Learner::Phase::synced))) return;
  phase_ = Phase::broadcasting;
  committed_ = state_.history.last();
  deliver(out);
  out.emplace_back(ServeAs{State::leading, epoch_});
  for (auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::synced) call_up_to_date(learner, out);
  }
}

void Leading::call_up_to_date(Learner& learner, Effects& out) {
  learner.phase = Learner::Phase::up_to_date;
  out.emplace_back(SendToLearner{learner.link, UpToDate{}});
}

// ---- Broadcast.

Zxid Leading::next_zxid() const {
  return last_proposed_.next();
}

void Leading::propose(Zxid zxid, const Record& record, Effects& out) {
  QUOLL_CHECK(phase_ == Phase::broadcasting, "only a leader with a quorum proposes");
  QUOLL_CHECK(zxid == next_zxid(), "zxids of one leader are contiguous");
  last_proposed_ = zxid;
  state_.history.append(zxid, record);
  out.emplace_back(AppendLog{zxid, record, state_.generation});
  for (const auto& [link, learner] : learners_) {
    if (learner.votes && learner.phase >= Learner::Phase::syncing)
      out.emplace_back(SendToLearner{link, Proposal{zxid, record}});
  }
  QUOLL_CHECK(zxid.counter() != UINT32_MAX || is_alone_, "a leader gives up before the numbers of its epoch end");
}

Zxid Leading::quorum_acknowledged() const {
  std::vector<std::pair<Zxid, ServerId>> acknowledged{{state_.history.last_flushed(), state_.self}};
  for (const auto& [link, learner] : learners_) {
    if (learner.votes && learner.phase >= Learner::Phase::synced)
      acknowledged.emplace_back(learner.acknowledged, learner.id);
  }
  std::ranges::sort(acknowledged, std::greater());
  for (const auto& [zxid, id] : acknowledged) {
    const auto has_it = [&](ServerId each) {
      return std::ranges::any_of(acknowledged, [&](const auto& of) { return of.second == each && of.first >= zxid; });
    };
    if (state_.configuration.is_quorum(has_it)) return zxid;
  }
  return committed_;
}

void Leading::on(const LogFlushed&, Effects& out) {
  commit(out);
}

// Commits in the order of the zxids as far as a quorum has acknowledged.
void Leading::commit(Effects& out) {
  if (phase_ != Phase::broadcasting) return;
  const Zxid decided = quorum_acknowledged();
  state_.history.for_each(committed_, decided, [&](const Entry& entry) {
    for (const auto& [link, learner] : learners_) {
      if (learner.phase < Learner::Phase::syncing) continue;
      if (learner.votes) {
        out.emplace_back(SendToLearner{link, Commit{entry.zxid}});
      } else {
        out.emplace_back(SendToLearner{link, Inform{entry.zxid, entry.record}});
      }
    }
  });
  committed_ = std::max(committed_, decided);
  deliver(out);
}

void Leading::deliver(Effects& out) {
  for (Entry& entry : state_.history.deliver(committed_))
    out.emplace_back(Deliver{entry.zxid, std::move(entry.record)});
}

void Leading::take(Learner& from, const Ping& ping, Effects& out) {
  // Its time has been noted. What it says of its clients is for the server.
  if (from.phase != Learner::Phase::up_to_date || ping.data.empty()) return;
  out.emplace_back(PassToServer{
      from.link,
      ServerPacket{.type = static_cast<std::int32_t>(QuorumPacketType::ping), .zxid = ping.zxid, .data = ping.data}});
}

void Leading::take(Learner& from, const ServerPacket& packet, Effects& out) {
  if (from.phase != Learner::Phase::up_to_date) return refuse(from, "it sent a request before it was up to date", out);
  out.emplace_back(PassToServer{from.link, packet});
}

void Leading::send(LinkId link, ServerPacket packet, Effects& out) {
  if (learners_.contains(link)) out.emplace_back(SendToLearner{link, std::move(packet)});
}

// ---- Time.

std::vector<Leading::LearnerView> Leading::learners() const {
  std::vector<LearnerView> all;
  for (const auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::connected) continue;
    all.push_back(
        {learner.id, learner.link, learner.votes, learner.phase == Learner::Phase::up_to_date, learner.acknowledged});
  }
  return all;
}

std::vector<ServerId> Leading::up_to_date() const {
  std::vector<ServerId> ids;
  for (const auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::up_to_date) ids.push_back(learner.id);
  }
  return ids;
}

void Leading::drop_silent(std::int64_t now_ms, Effects& out) {
  for (auto& [link, learner] : learners_) {
    const bool is_synced = learner.phase >= Learner::Phase::synced;
    const std::int64_t patience_ms = is_synced ? state_.times.sync_ms() : state_.times.init_ms();
    if (now_ms - learner.heard_ms > patience_ms) refuse(learner, "it has been silent for too long", out);
  }
  for (const LinkId link : std::exchange(refused_, {})) learners_.erase(link);
}

bool Leading::is_used_up() const {
  return phase_ == Phase::broadcasting && last_proposed_.counter() >= state_.counter_max && !is_alone_;
}

void Leading::on_time(std::int64_t now_ms, Effects& out) {
  if (is_used_up()) fail("the numbers of this epoch are used up");
  if (now_ms < next_look_ms_ || failure_) return;
  next_look_ms_ = now_ms + state_.times.tick_ms / 2;
  drop_silent(now_ms, out);
  if (phase_ != Phase::broadcasting) {
    if (now_ms - began_ms_ > state_.times.init_ms()) fail("no quorum has joined and synchronised in initLimit");
    return;
  }
  for (const auto& [link, learner] : learners_) {
    if (learner.phase == Learner::Phase::up_to_date) out.emplace_back(SendToLearner{link, Ping{last_proposed_}});
  }
  // A learner that was cut off has a tick to come back.
  checks_quorum_ = !checks_quorum_;
  if (!checks_quorum_) return;
  if (strands_a_voter_ && now_ms - began_ms_ > state_.times.init_ms())
    return fail("a voter has promised a later epoch: a new one is begun, so that it can take part");
  if (!is_quorum_with_self(voters_from(Learner::Phase::synced))) fail("fewer members than a quorum follow this leader");
}

void Leading::check_invariants() const {
  state_.history.check_invariants();
  QUOLL_CHECK(committed_ <= state_.history.last(), "only what was proposed is committed");
  QUOLL_CHECK(state_.history.last_delivered() <= committed_ || phase_ != Phase::broadcasting,
              "only what is committed is delivered");
  std::set<ServerId> ids;
  for (const auto& [link, learner] : learners_) {
    QUOLL_CHECK(link == learner.link, "a learner is found by its link");
    if (learner.phase == Learner::Phase::connected) continue;
    QUOLL_CHECK(ids.insert(learner.id).second, "each member has one link");
    QUOLL_CHECK(!learner.votes || state_.configuration.is_voter(learner.id), "only voters vote");
    QUOLL_CHECK(learner.acknowledged <= last_proposed_, "only what was proposed is acknowledged");
  }
}

}  // namespace quoll::zab
