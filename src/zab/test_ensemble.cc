#include "zab/test_ensemble.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace quoll::zab::testing {

std::vector<Zxid> Disk::history() const {
  std::vector<Zxid> all = snapshot;
  for (const Entry& entry : log) all.push_back(entry.zxid);
  return all;
}

Zxid Disk::last() const {
  if (!log.empty()) return log.back().zxid;
  return snapshot.empty() ? Zxid{} : snapshot.back();
}

Ensemble::Ensemble(std::uint64_t seed, int voters, int observers, Faults faults) : faults_(faults), random_(seed) {
  std::vector<zab::Member> members;
  for (int id = 1; id <= voters + observers; ++id) {
    members.push_back(zab::Member{ServerId{id}, id <= voters});
    members_[id].id = id;
  }
  configuration_.current = QuorumVerifier::majority(members, 0, "");
}

std::vector<int> Ensemble::ids() const {
  std::vector<int> all;
  for (const auto& [id, member] : members_) all.push_back(id);
  return all;
}

int Ensemble::leader() const {
  int newest = -1;
  Epoch epoch;
  for (const auto& [id, member] : members_) {
    const Leading* const leading = member.peer == nullptr ? nullptr : std::as_const(*member.peer).leading();
    if (leading == nullptr || (newest != -1 && leading->epoch() < epoch)) continue;
    newest = id;
    epoch = leading->epoch();
  }
  return newest;
}

bool Ensemble::has_converged() const {
  return std::ranges::all_of(members_, [&](const auto& each) {
    return each.second.serves != State::looking && each.second.state == visible_;
  });
}

// ---- Time.

void Ensemble::at(std::int64_t ms, std::function<void()> act) {
  events_.push(Timed{ms, order_++, std::move(act)});
}

bool Ensemble::run_one(std::int64_t until_ms) {
  if (events_.empty() || events_.top().at_ms > until_ms || !broken_.empty()) return false;
  const std::function<void()> act = events_.top().act;
  now_ms_ = std::max(now_ms_, events_.top().at_ms);
  events_.pop();
  act();
  return true;
}

void Ensemble::run_for(std::int64_t ms) {
  const std::int64_t until_ms = now_ms_ + ms;
  while (run_one(until_ms)) {
  }
  now_ms_ = std::max(now_ms_, until_ms);
}

bool Ensemble::run_until(const std::function<bool()>& done, std::int64_t within_ms) {
  const std::int64_t until_ms = now_ms_ + within_ms;
  while (!done()) {
    if (!run_one(until_ms)) return done();
  }
  return true;
}

// ---- Processes.

void Ensemble::start_all() {
  for (const int id : ids()) start(id);
}

void Ensemble::start(int id) {
  Member& m = members_.at(id);
  QUOLL_CHECK(m.peer == nullptr, "a member is started once");
  ++m.life;
  m.state = m.disk.history();
  // The newest entries, as far as they are known to follow one another.
  std::vector<Entry> newest = m.disk.log;
  MemberState state{ServerId{id},    configuration_, kTimes, History(m.disk.last(), std::move(newest), {4, 1 << 20}),
                    m.disk.accepted, m.disk.current};
  state.is_complete = m.disk.is_complete;
  state.counter_max = counter_max;
  m.peer = std::make_unique<Peer>(std::move(state), kElectionTimes, Peer::Trust{});
  Effects effects;
  m.peer->start(now_ms_, effects);
  carry_out(id, effects);
}

void Ensemble::crash(int id) {
  Member& m = members_.at(id);
  if (m.peer == nullptr) return;
  for (auto& [device, writes] : m.writes) {
    const std::uint64_t done = below(writes.size() + 1);
    for (std::uint64_t i = 0; i < done; ++i) writes[i].change();
  }
  m.writes.clear();
  m.peer.reset();
  m.serves = State::looking;
  m.link = 0;
  ++m.dials;
  for (auto& [link, of] : links_) {
    if (of.learner == id && of.open_at_learner) close(link, false);
    if (of.leader == id && of.open_at_leader) close(link, true);
  }
}

void Ensemble::tell(int id, const Event& event) {
  Member& m = members_.at(id);
  if (m.peer == nullptr) return;
  Effects effects;
  m.peer->step(now_ms_, event, effects);
  carry_out(id, effects);
}

bool Ensemble::propose(int id) {
  Member& m = members_.at(id);
  if (m.peer == nullptr || m.peer->leading() == nullptr) return false;
  Effects effects;
  m.peer->propose(m.peer->leading()->next_zxid(),
                  std::make_shared<const std::string>("proposal " + std::to_string(++proposals_)), effects);
  carry_out(id, effects);
  return true;
}

void Ensemble::carry_out(int id, const Effects& effects) {
  Member& m = members_.at(id);
  const std::uint64_t life = m.life;
  for (const Effect& effect : effects) {
    if (on_effect && !on_effect(id, effect)) crash(id);
    if (m.peer == nullptr || m.life != life) return;
    std::visit([&](const auto& one) { act(m, one); }, effect);
  }
  check(m);
  wake_later(m);
}

void Ensemble::wake_later(Member& m) {
  const std::int64_t due_ms = std::max(now_ms_ + 1, m.peer->next_deadline_ms());
  if (m.wakes_ms > now_ms_ && m.wakes_ms <= due_ms) return;
  if (due_ms > now_ms_ + 1'000'000) return;
  m.wakes_ms = due_ms;
  at(due_ms, [this, id = m.id, due_ms] {
    if (members_.at(id).wakes_ms == due_ms) members_.at(id).wakes_ms = 0;
    tell(id, Tick{});
  });
}

// ---- The election port.

void Ensemble::act(Member& m, const SendNotification& e) {
  const int to = static_cast<int>(e.to.value());
  if (static_cast<int>(below(100)) < faults_.loss_percent) return;
  Notification notification = e.notification;
  if (static_cast<int>(below(100)) < faults_.lie_percent) {
    notification.vote.leader = ServerId{1 + static_cast<std::int64_t>(below(members_.size()))};
    notification.vote.zxid = Zxid{notification.vote.zxid.value() + static_cast<std::int64_t>(below(3))};
    notification.vote.epoch = Epoch{notification.vote.epoch.value() + static_cast<std::int64_t>(below(2))};
  }
  after_a_while([this, from = m.id, to, notification] {
    if (!cuts_.contains({from, to})) tell(to, NotificationReceived{ServerId{from}, notification});
  });
}

// ---- The quorum port.

void Ensemble::act(Member& m, const DialLeader& e) {
  const std::uint64_t dial = ++m.dials;
  const int leader = static_cast<int>(e.leader.value());
  at(now_ms_ + e.delay_ms + 1, [this, id = m.id, leader, dial] { connect(id, leader, dial); });
}

void Ensemble::connect(int learner, int leader, std::uint64_t dial) {
  Member& m = members_.at(learner);
  if (m.peer == nullptr || m.dials != dial) return;
  if (cuts_.contains({learner, leader}) || cuts_.contains({leader, learner})) {
    at(now_ms_ + 100, [this, learner, dial] {
      if (members_.at(learner).dials == dial) tell(learner, LeaderLost{"no answer"});
    });
    return;
  }
  if (!is_up(leader)) return tell(learner, LeaderLost{"connection refused"});
  const std::uint64_t link = next_link_++;
  links_[link] = Link{learner, leader};
  m.link = link;
  tell(leader, LearnerConnected{LinkId{link}});
  if (m.link == link) tell(learner, LeaderConnected{});
}

void Ensemble::act(Member& m, const CloseLeaderLink&) {
  ++m.dials;
  if (m.link != 0) close(std::exchange(m.link, 0), false);
}

void Ensemble::act(Member& m, const SendToLeader& e) {
  if (m.link != 0) send(m.link, true, e.packet);
}

void Ensemble::act(Member& m, const AnswerPing& e) {
  if (m.link != 0) send(m.link, true, Ping{e.zxid});
}

void Ensemble::act(Member& m, const SendToLearner& e) {
  const auto at = links_.find(e.link.value());
  if (at != links_.end() && at->second.leader == m.id) send(e.link.value(), false, e.packet);
}

void Ensemble::act(Member&, const CloseLearnerLink& e) {
  close(e.link.value(), true);
}

void Ensemble::act(Member& m, const StreamSnapshot& e) {
  const auto at = links_.find(e.link.value());
  if (at == links_.end()) return;
  at->second.snapshot = m.state;
  at->second.has_snapshot = true;
}

void Ensemble::send(std::uint64_t id, bool to_leader, Packet packet) {
  Link& link = links_.at(id);
  if (!to_leader && link.has_snapshot && !link.behind_snapshot) link.behind_snapshot = packet;
  std::int64_t& busy_ms = link.busy_ms[to_leader ? 1 : 0];
  busy_ms =
      std::max(busy_ms, now_ms_ + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(faults_.delay_ms) + 1)));
  at(busy_ms, [this, id, to_leader, packet = std::move(packet)] {
    const auto at = links_.find(id);
    if (at == links_.end() || at->second.frozen) return;
    Link& on = at->second;
    const int from = to_leader ? on.learner : on.leader;
    const int to = to_leader ? on.leader : on.learner;
    if (!(to_leader ? on.open_at_leader : on.open_at_learner)) return;
    if (cuts_.contains({from, to})) {
      on.frozen = true;
      return;
    }
    if (on_packet && !on_packet(from, to, packet)) {
      close(id, true);
      if (on.open_at_leader) tell(on.leader, LearnerLost{LinkId{id}});
      return;
    }
    if (to_leader) {
      tell(to, FromLearner{LinkId{id}, packet});
    } else {
      tell(to, FromLeader{packet});
    }
  });
}

// One side closes; the other hears of it if it can.
void Ensemble::close(std::uint64_t id, bool by_leader) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  (by_leader ? link.open_at_leader : link.open_at_learner) = false;
  after_a_while([this, id, by_leader] {
    Link& on = links_.at(id);
    if (on.frozen) return;
    if (by_leader && on.open_at_learner) {
      on.open_at_learner = false;
      Member& m = members_.at(on.learner);
      if (m.link != id) return;
      m.link = 0;
      tell(on.learner, LeaderLost{"the leader closed the link"});
    } else if (!by_leader && on.open_at_leader) {
      on.open_at_leader = false;
      tell(on.leader, LearnerLost{LinkId{id}});
    }
  });
}

// ---- Disks.

void Ensemble::write(Member& m, Device device, std::function<void()> change, Event answer) {
  m.writes[device].push_back(Write{std::move(change), std::move(answer)});
  if (m.writes[device].size() == 1) finish_write_later(m, device);
}

void Ensemble::finish_write_later(const Member& m, Device device) {
  at(now_ms_ + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(faults_.disk_ms) + 1)),
     [this, id = m.id, device, life = m.life] { finish_write(id, device, life); });
}

void Ensemble::finish_write(int id, Device device, std::uint64_t life) {
  Member& m = members_.at(id);
  if (m.life != life || m.writes[device].empty()) return;
  const Write done = std::move(m.writes[device].front());
  m.writes[device].pop_front();
  done.change();
  if (!m.writes[device].empty()) finish_write_later(m, device);
  tell(id, done.answer);
}

void Ensemble::act(Member& m, const PersistEpoch& e) {
  Disk& disk = m.disk;
  write(
      m, Device::epochs,
      [&disk, e] {
        (e.file == EpochFile::accepted ? disk.accepted : disk.current) = e.epoch;
        if (e.file == EpochFile::current) disk.is_complete = true;
      },
      EpochPersisted{e.file, e.epoch});
}

void Ensemble::act(Member& m, const AppendLog& e) {
  Disk& disk = m.disk;
  write(m, Device::log, [&disk, e] { disk.log.push_back(Entry{e.zxid, e.record}); }, LogFlushed{e.zxid, e.generation});
}

void Ensemble::act(Member& m, const TruncateLog& e) {
  const auto cut = [&m, e] {
    while (!m.disk.log.empty() && m.disk.log.back().zxid > e.to) m.disk.log.pop_back();
    while (!m.disk.snapshot.empty() && m.disk.snapshot.back() > e.to) m.disk.snapshot.pop_back();
    if (e.rebuild) m.state = m.disk.history();
  };
  // What is left is known now: nothing else is being written.
  Zxid last;
  for (const Zxid zxid : m.disk.history()) {
    if (zxid <= e.to) last = zxid;
  }
  write(m, Device::log, cut, Truncated{last});
}

void Ensemble::act(Member& m, const InstallSnapshot& e) {
  const Link* const link = m.link != 0 ? &links_.at(m.link) : nullptr;
  const std::vector<Zxid> content = link != nullptr ? link->snapshot : std::vector<Zxid>{};
  // Whoever sends a state sends something behind it in the same event.
  const bool lacks = link == nullptr || !link->behind_snapshot || may_lack(e.had, e.at, *link->behind_snapshot);
  const auto install = [&m, content, lacks] {
    if (lacks) m.disk.is_complete = false;
    m.disk.snapshot = content;
    m.disk.log.clear();
    m.state = content;
  };
  write(m, Device::log, install, SnapshotInstalled{e.at, lacks});
}

// ---- The state, and the laws.

void Ensemble::act(Member& m, const Deliver& e) {
  const Zxid last = m.state.empty() ? Zxid{} : m.state.back();
  if (!follows(last, e.zxid)) fail("VD3: a member applied transactions with a hole");
  m.state.push_back(e.zxid);
  if (m.serves != State::looking) expose(m);
}

void Ensemble::act(Member& m, const ServeAs& e) {
  m.serves = e.state;
  if (e.state == State::looking) return;
  if (e.state == State::leading) {
    const auto [at, is_first] = leader_of_epoch_.emplace(e.epoch.value(), m.id);
    if (!is_first) fail("VZ1: an epoch has two leaders");
    if (m.state.size() < visible_.size()) fail("VZ8: a leader lacks a transaction that was seen");
  }
  expose(m);
}

// Clients of this member can see its state now.
void Ensemble::expose(const Member& m) {
  const std::size_t shared = std::min(m.state.size(), visible_.size());
  if (!std::equal(m.state.begin(), m.state.begin() + static_cast<std::ptrdiff_t>(shared), visible_.begin()))
    fail("VZ2: two members show different histories");
  for (std::size_t i = shared; i < m.state.size(); ++i) {
    const Zxid zxid = m.state[i];
    const auto has_it = [&](ServerId id) { return members_.at(static_cast<int>(id.value())).disk.last() >= zxid; };
    if (!configuration_.is_quorum(has_it)) fail("VD1: a transaction is shown that no quorum has on disk");
    visible_.push_back(zxid);
  }
}

void Ensemble::check(const Member& m) {
  m.peer->check_invariants();
  if (m.disk.current > m.disk.accepted) fail("VZ9: currentEpoch is above acceptedEpoch");
  if (m.disk.last().epoch() > m.disk.accepted) fail("VZ9: a transaction is of an epoch that was not accepted");
  if (!m.state.empty() && m.state.back() > m.disk.last()) fail("VD2: the state is ahead of the disk");
}

}  // namespace quoll::zab::testing
