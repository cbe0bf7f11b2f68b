#include "zab/election.h"

#include <algorithm>

#include "base/check.h"

namespace quoll::zab {

namespace {

// Whether two servers that follow or lead mean the same leader. Zxid and round are not compared: servers that joined at
// different times remember different ones. A server before 3.4.6 (version 0) remembers another epoch, too
// (ZOOKEEPER-1732, ZOOKEEPER-1805).
bool is_same_leader(const Notification& a, const Notification& b) {
  if (a.vote.leader != b.vote.leader) return false;
  return (a.version > 0) != (b.version > 0) || a.vote.epoch == b.vote.epoch;
}

}  // namespace

Election::Election(Own own, const Configuration& configuration, ElectionTimes times, std::int64_t round,
                   std::set<ServerId> unreachable)
    : own_(own),
      configuration_(configuration),
      times_(times),
      round_(round),
      vote_(own.vote),
      unreachable_(std::move(unreachable)),
      resend_ms_(times.resend_min_ms) {
  QUOLL_CHECK(own.vote == Vote{} || own.vote.leader == own.self, "a server first votes for itself or for nobody");
}

void Election::start(std::int64_t now_ms, std::vector<Told>& out) {
  resend_at_ms_ = now_ms + resend_ms_;
  tell_all(out);
  count(now_ms);
}

Notification Election::current() const {
  return Notification{State::looking, vote_, round_, 2, configuration_.current->text()};
}

void Election::tell_all(std::vector<Told>& out) {
  for (const ServerId voter : configuration_.voters()) {
    if (voter != own_.self) out.push_back(Told{voter, current()});
  }
}

bool Election::may_win(const Vote& vote) const {
  return configuration_.current->may_lead(vote.leader);
}

void Election::adopt(const Vote& vote, std::vector<Told>& out) {
  vote_ = vote;
  tell_all(out);
}

void Election::on(ServerId from, const Notification& notification, std::int64_t now_ms, std::vector<Told>& out) {
  QUOLL_CHECK(!outcome_, "an election that is over hears nothing");
  unreachable_.erase(from);
  const bool is_looking = notification.state == State::looking;
  // Between a voter and one that is none, each message must not cause the next: Apache's servers answer whatever comes
  // from one that does not vote, and whatever is of an earlier round.
  const bool is_voter = configuration_.is_voter(own_.self);
  if (!configuration_.is_voter(from)) {
    if (is_voter && is_looking && notification.round <= round_) out.push_back(Told{from, current()});
    return;
  }
  // Whoever lags behind learns of the newer round from the answer.
  if (is_looking && is_voter && notification.round < round_) out.push_back(Told{from, current()});
  if (!configuration_.is_voter(notification.vote.leader)) return;
  if (is_looking) return on_looking(from, notification, now_ms, out);
  if (notification.state != State::observing) on_established(from, notification);
}

void Election::on_looking(ServerId from, const Notification& notification, std::int64_t now_ms,
                          std::vector<Told>& out) {
  // An empty database that was not told to be new has zxid -1 (Apache's way to say own_.counts == false).
  if (!own_.counts || notification.vote.zxid == Zxid{-1}) {
    // An election is under way, and nobody will tell this server what came of it.
    resend_ms_ = times_.resend_min_ms;
    resend_at_ms_ = std::min(resend_at_ms_, now_ms + resend_ms_);
    return;
  }
  if (notification.round < round_) return;
  const bool is_first = notification.round > round_ || !in_round_.contains(from);
  if (notification.round > round_) {
    round_ = notification.round;
    in_round_.clear();
    const bool is_best = may_win(notification.vote) && notification.vote > own_.vote;
    adopt(is_best ? notification.vote : own_.vote, out);
  } else if (is_better(notification.vote)) {
    adopt(notification.vote, out);
  } else if (is_first && configuration_.is_voter(own_.self)) {
    // It may have been told of this vote before it began to look, when it took it for a question only.
    out.push_back(Told{from, current()});
  }
  in_round_[from] = notification;
  count(now_ms);
}

void Election::on_established(ServerId from, const Notification& notification) {
  if (notification.round == round_) {
    in_round_[from] = notification;
    if (stands(in_round_, notification)) {
      outcome_ = Outcome{notification.vote, round_};
      return;
    }
  }
  established_[from] = notification;
  if (stands(established_, notification)) {
    round_ = notification.round;
    outcome_ = Outcome{notification.vote, round_};
  }
}

bool Election::stands(const std::map<ServerId, Notification>& seen, const Notification& claim) const {
  // The vote of a server that is still looking supports the claim only if it is for the same history in the same round.
  const auto is_for_claim = [&](const Vote& vote, std::int64_t round) {
    return vote == claim.vote && round == claim.round;
  };
  const auto supports = [&](ServerId id) {
    if (id == own_.self) return own_.counts && is_for_claim(vote_, round_);
    const auto at = seen.find(id);
    if (at == seen.end()) return false;
    return at->second.state == State::looking ? is_for_claim(at->second.vote, at->second.round)
                                              : is_same_leader(at->second, claim);
  };
  if (!configuration_.is_quorum(supports)) return false;
  // The others say that this server leads: true only in the very round in which it asked them to.
  if (claim.vote.leader == own_.self) return claim.round == round_;
  const auto leader = seen.find(claim.vote.leader);
  return leader != seen.end() && leader->second.state == State::leading;
}

std::vector<ServerId> Election::supporters() const {
  std::vector<ServerId> ids;
  for (const ServerId voter : configuration_.voters()) {
    const auto at = in_round_.find(voter);
    const bool agrees = voter == own_.self
                            ? own_.counts
                            : at != in_round_.end() && at->second.vote == vote_ && at->second.round == round_;
    if (agrees) ids.push_back(voter);
  }
  return ids;
}

void Election::count(std::int64_t now_ms) {
  const std::vector<ServerId> agreeing = supporters();
  const auto agrees = [&](ServerId id) { return std::ranges::find(agreeing, id) != agreeing.end(); };
  if (!may_win(vote_) || !configuration_.is_quorum(agrees)) {
    agreed_ms_.reset();
    return;
  }
  if (!agreed_ms_) agreed_ms_ = now_ms;
  if (all_have_voted() || now_ms - *agreed_ms_ >= times_.finalize_ms) outcome_ = Outcome{vote_, round_};
}

// Nobody who could still bring a better vote is waited for.
bool Election::all_have_voted() const {
  for (const ServerId voter : configuration_.voters()) {
    if (voter != own_.self && !in_round_.contains(voter) && !unreachable_.contains(voter)) return false;
  }
  return true;
}

void Election::on_time(std::int64_t now_ms, std::vector<Told>& out) {
  if (outcome_) return;
  count(now_ms);
  if (outcome_ || now_ms < resend_at_ms_) return;
  resend_ms_ = std::min(resend_ms_ * 2, times_.resend_max_ms);
  resend_at_ms_ = now_ms + resend_ms_;
  tell_all(out);
}

void Election::on_reachable(ServerId peer, std::vector<Told>& out) {
  unreachable_.erase(peer);
  if (configuration_.is_member(peer)) out.push_back(Told{peer, current()});
}

void Election::on_unreachable(ServerId peer, std::int64_t now_ms) {
  if (peer == own_.self || outcome_) return;
  unreachable_.insert(peer);
  count(now_ms);
}

std::int64_t Election::next_deadline_ms() const {
  return agreed_ms_ ? std::min(resend_at_ms_, *agreed_ms_ + times_.finalize_ms) : resend_at_ms_;
}

}  // namespace quoll::zab
