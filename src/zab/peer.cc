#include "zab/peer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace quoll::zab {

namespace {

// The wait before the next election doubles with every role that did not come to serve, after the first one.
constexpr std::int64_t kRetryFirstMs = 10;
constexpr int kRetryDoublingsMax = 6;

template <typename... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

void send(std::vector<Told>& told, Effects& out) {
  for (Told& one : told) out.emplace_back(SendNotification{one.to, std::move(one.notification)});
  told.clear();
}

}  // namespace

Peer::Peer(MemberState state, ElectionTimes times, Trust trust)
    : state_(std::move(state)), times_(times), trust_(trust), role_(Looking{{}, "the server has just started", 0}) {
  QUOLL_CHECK(state_.history.is_settled(), "what recovery found is on disk");
}

Peer::Peer(ServerId self, Zxid last, std::uint64_t generation)
    // Nobody synchronises with it, so delivered transactions are not kept.
    : Peer(MemberState{self,
                       {QuorumVerifier::majority({{self}}, 0, ""), nullptr},
                       {},
                       History(last, {}, {.entries_min = 0, .bytes_max = 0}),
                       last.epoch(),
                       last.epoch()},
           {}, {}) {
  state_.generation = generation;
  role_.emplace<Leading>(Leading::alone(state_));
}

void Peer::start(std::int64_t now_ms, Effects& out) {
  const std::size_t from = out.size();
  begin_election(now_ms, out);
  change_role(now_ms, out);
  note_effects(out, from);
}

State Peer::state() const {
  if (looking() != nullptr) return State::looking;
  if (learning() != nullptr) return is_observer() ? State::observing : State::following;
  return State::leading;
}

const Leading* Peer::leading() const {
  const auto* const role = std::get_if<Leading>(&role_);
  return role != nullptr && role->is_broadcasting() ? role : nullptr;
}

Leading* Peer::leading() {
  auto* const role = std::get_if<Leading>(&role_);
  return role != nullptr && role->is_broadcasting() ? role : nullptr;
}

void Peer::note(const LogFlushed& flushed) {
  // A flush of what has been cut off since says nothing.
  if (flushed.generation == state_.generation) state_.history.on_flushed(flushed.up_to);
}

void Peer::note(const EpochPersisted& persisted) {
  Epoch& epoch = persisted.file == EpochFile::accepted ? state_.accepted : state_.current;
  QUOLL_CHECK(persisted.epoch >= epoch, "an epoch never goes back");
  epoch = persisted.epoch;
  // It is written when everything of the leader's history is on disk.
  if (persisted.file == EpochFile::current) state_.is_complete = true;
}

void Peer::step(std::int64_t now_ms, const Event& event, Effects& out) {
  std::size_t from = out.size();
  dispatch(now_ms, event, out);
  note_effects(out, from);
  // A voter that is a quorum by itself wins an election as soon as it begins one, that is in the first round here.
  do {
    from = out.size();
    change_role(now_ms, out);
    note_effects(out, from);
  } while (looking() != nullptr && looking()->election && looking()->election->outcome());
}

void Peer::propose(Zxid zxid, const Record& record, Effects& out) {
  Leading* const leader = leading();
  QUOLL_CHECK(leader != nullptr, "only a leader proposes");
  leader->propose(zxid, record, out);
}

void Peer::note_effects(const Effects& out, std::size_t from) {
  for (std::size_t i = from; i < out.size(); ++i) {
    const Effect& effect = out[i];
    if (std::holds_alternative<PersistEpoch>(effect) || std::holds_alternative<TruncateLog>(effect) ||
        std::holds_alternative<InstallSnapshot>(effect))
      ++pending_;
    if (const auto* const close = std::get_if<CloseLearnerLink>(&effect)) links_.erase(close->link);
  }
}

void Peer::dispatch(std::int64_t now_ms, const Event& event, Effects& out) {
  // First what holds in every role.
  if (const auto* const flushed = std::get_if<LogFlushed>(&event)) note(*flushed);
  if (const auto* const persisted = std::get_if<EpochPersisted>(&event)) note(*persisted);
  if (std::holds_alternative<EpochPersisted>(event) || std::holds_alternative<Truncated>(event) ||
      std::holds_alternative<SnapshotInstalled>(event) || std::holds_alternative<SnapshotAborted>(event)) {
    QUOLL_CHECK(pending_ > 0, "storage answers what it was asked");
    --pending_;
  }
  if (const auto* const peer = std::get_if<PeerReachable>(&event)) unreachable_.erase(peer->peer);
  if (const auto* const peer = std::get_if<PeerUnreachable>(&event)) unreachable_.insert(peer->peer);
  if (const auto* const connected = std::get_if<LearnerConnected>(&event)) links_.insert(connected->link);
  if (const auto* const lost = std::get_if<LearnerLost>(&event)) links_.erase(lost->link);
  if (const auto* const received = std::get_if<NotificationReceived>(&event)) return on(*received, now_ms, out);

  if (looking() != nullptr) return on_looking(now_ms, event, out);
  if (auto* const role = std::get_if<Learning>(&role_)) {
    std::visit(
        Overloaded{[&](const LeaderConnected& e) { role->on(e, now_ms, out); },
                   [&](const LeaderLost& e) { role->on(e, now_ms, out); },
                   [&](const FromLeader& e) { role->on(e, now_ms, out); },
                   [&](const LogFlushed& e) { role->on(e, out); }, [&](const EpochPersisted& e) { role->on(e, out); },
                   [&](const Truncated& e) { role->on(e, out); }, [&](const SnapshotInstalled& e) { role->on(e, out); },
                   [&](const SnapshotAborted& e) { role->on(e); },
                   [&](const LearnerConnected& e) {
                     links_.erase(e.link);
                     out.emplace_back(CloseLearnerLink{e.link, "this server does not lead"});
                   },
                   [&](const auto&) {}},
        event);
    role->on_time(now_ms);
    return;
  }
  auto& role = std::get<Leading>(role_);
  std::visit(
      Overloaded{[&](const LearnerConnected& e) { role.on(e, now_ms); }, [&](const LearnerLost& e) { role.on(e); },
                 [&](const FromLearner& e) { role.on(e, now_ms, out); },
                 [&](const LearnerProgress& e) { role.on(e, now_ms); }, [&](const LogFlushed& e) { role.on(e, out); },
                 [&](const EpochPersisted& e) { role.on(e, out); }, [&](const auto&) {}},
      event);
  role.on_time(now_ms, out);
}

void Peer::on(const NotificationReceived& received, std::int64_t now_ms, Effects& out) {
  unreachable_.erase(received.from);
  if (auto* const role = std::get_if<Looking>(&role_)) {
    if (!role->election) return;
    std::vector<Told> told;
    role->election->on(received.from, received.notification, now_ms, told);
    return send(told, out);
  }
  const bool asks = received.notification.state == State::looking || !state_.configuration.is_voter(received.from);
  if (!asks) return;
  out.emplace_back(
      SendNotification{received.from, Notification{state(), vote_, round_, 2, state_.configuration.current->text()}});
}

void Peer::on_looking(std::int64_t now_ms, const Event& event, Effects& out) {
  auto& role = std::get<Looking>(role_);
  if (const auto* const truncated = std::get_if<Truncated>(&event)) state_.on_truncated(truncated->last);
  if (const auto* const installed = std::get_if<SnapshotInstalled>(&event))
    state_.on_installed(installed->at, installed->may_lack);
  if (const auto* const from = std::get_if<FromLearner>(&event); from != nullptr && links_.contains(from->link)) {
    // A learner says one thing before it is answered.
    const bool is_second =
        std::ranges::any_of(early_, [&](const FromLearner& each) { return each.link == from->link; });
    if (!is_second) early_.push_back(*from);
  }
  if (!role.election) return begin_election(now_ms, out);
  std::vector<Told> told;
  if (const auto* const peer = std::get_if<PeerReachable>(&event)) role.election->on_reachable(peer->peer, told);
  if (const auto* const peer = std::get_if<PeerUnreachable>(&event)) role.election->on_unreachable(peer->peer, now_ms);
  role.election->on_time(now_ms, told);
  send(told, out);
}

void Peer::begin_election(std::int64_t now_ms, Effects& out) {
  if (pending_ > 0 || !state_.history.is_settled() || now_ms < std::get<Looking>(role_).not_before_ms) return;
  const bool may_lead = trust_.may_lead && state_.is_complete && !is_observer();
  const Vote own = may_lead ? Vote{state_.current, state_.history.last(), state_.self} : Vote{};
  auto& role = std::get<Looking>(role_);
  // Somebody may have claimed the last round that there is: then all further elections are of that round.
  if (round_ < std::numeric_limits<std::int64_t>::max()) ++round_;
  role.election.emplace(Election::Own{state_.self, own, state_.is_complete}, state_.configuration, times_, round_,
                        unreachable_);
  std::vector<Told> told;
  role.election->start(now_ms, told);
  send(told, out);
}

void Peer::change_role(std::int64_t now_ms, Effects& out) {
  if (auto* const role = std::get_if<Looking>(&role_)) {
    if (!role->election || !role->election->outcome()) return;
    const Election::Outcome outcome = *role->election->outcome();
    round_ = outcome.round;
    vote_ = outcome.vote;
    if (vote_.leader == state_.self) {
      begin_leading(now_ms, out);
    } else {
      close_learner_links("this server does not lead", out);
      const auto kind = is_observer() ? Learning::Kind::observer : Learning::Kind::follower;
      role_.emplace<Learning>(state_, vote_.leader, kind, now_ms, out);
    }
    return;
  }
  if (auto* const role = std::get_if<Learning>(&role_)) {
    if (role->phase() == Learning::Phase::broadcasting) {
      vote_.epoch = role->epoch();
      failures_ = 0;
    }
    if (role->failure()) {
      out.emplace_back(CloseLeaderLink{});
      look(*role->failure(), now_ms, out);
    }
    return;
  }
  const auto& role = std::get<Leading>(role_);
  // All members of an ensemble answer with the same vote (ZOOKEEPER-1732).
  if (role.is_broadcasting()) {
    vote_.epoch = role.epoch();
    failures_ = 0;
  }
  if (role.failure()) look(*role.failure(), now_ms, out);
}

void Peer::begin_leading(std::int64_t now_ms, Effects& out) {
  auto& role = role_.emplace<Leading>(state_, now_ms, out);
  for (const LinkId link : links_) role.on(LearnerConnected{link}, now_ms);
  for (const FromLearner& from : std::exchange(early_, {})) {
    if (links_.contains(from.link)) role.on(from, now_ms, out);
  }
}

void Peer::close_learner_links(const std::string& why, Effects& out) {
  for (const LinkId link : std::exchange(links_, {})) out.emplace_back(CloseLearnerLink{link, why});
  early_.clear();
}

void Peer::look(std::string why, std::int64_t now_ms, Effects& out) {
  out.emplace_back(ServeAs{State::looking, state_.current});
  close_learner_links(why, out);
  const std::int64_t wait_ms = failures_ == 0 ? 0 : kRetryFirstMs << std::min(failures_ - 1, kRetryDoublingsMax);
  ++failures_;
  role_.emplace<Looking>(Looking{{}, std::move(why), now_ms + wait_ms});
  begin_election(now_ms, out);
}

std::int64_t Peer::next_deadline_ms() const {
  if (const auto* const role = looking()) {
    return role->election ? role->election->next_deadline_ms() : role->not_before_ms;
  }
  if (const auto* const role = learning()) return role->next_deadline_ms();
  return std::get<Leading>(role_).next_deadline_ms();
}

void Peer::check_invariants() const {
  state_.history.check_invariants();
  QUOLL_CHECK(state_.current <= state_.accepted, "no epoch is current that was not accepted");
  QUOLL_CHECK(state_.history.last().epoch() <= state_.accepted, "no transaction is of an epoch that was not accepted");
  if (const auto* const role = learning()) role->check_invariants();
  if (const auto* const role = std::get_if<Leading>(&role_)) role->check_invariants();
}

}  // namespace quoll::zab
