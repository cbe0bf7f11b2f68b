#include "sim/ensemble/ensemble_trial.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

#include "sim/trial/encode.h"
#include "sim/trial/live_laws.h"
#include "wire/txn_record.h"

namespace quoll::sim {

namespace {

// The laws inside of one server are checked after one in so many events, because they look at all that it keeps.
constexpr std::uint64_t kLiveCheckEvery = 8;
// After a fault is over, and after a process has ended, the others have lost sight of that member for a while.
constexpr std::int64_t kOutOfSightUs = 10'000'000;

}  // namespace

EnsembleTrial::EnsembleTrial(const EnsemblePlan& plan, Keeps keeps)
    : plan_(plan), keeps_(keeps), simulation_(plan.clients.seed), chronicle_(plan.clients.first_zxid) {
  const server::Options common = options();
  record_.first_zxid = plan.clients.first_zxid;
  record_.has_epochs = true;
  record_.told_within_us = 2 * plan.tick_ms * 1000;
  for (const std::int64_t drift_ppm : plan.drifts_ppm)
    record_.drift_ppm_max = std::max(record_.drift_ppm_max, drift_ppm);
  record_.timeout_ms_min = common.min_session_timeout_ms;
  record_.timeout_ms_max = common.max_session_timeout_ms;
  record_.is_network_prompt = false;
  simulation_.after_step = [this] { after_step(); };
  chronicle_.on_new = [this](std::int64_t zxid, const std::string& txn) {
    check_quorum(zxid);
    note(zxid, txn);
  };
  base::Prng& chance = simulation_.scheduler.chance();
  watched_.resize(static_cast<std::size_t>(plan.members()));
  for (int id = 1; id <= plan.members(); ++id) {
    Member& member = *members_.emplace_back(std::make_unique<Member>(simulation_, id, common));
    member.machine.loop.turn_us_max = plan.clients.turn_us_max;
    member.machine.clock.set_origin(static_cast<std::int64_t>(chance.below(1'000'000'000)));
    member.machine.clock.jump_wall(static_cast<std::int64_t>(chance.below(2000)));
    member.machine.clock.set_drift(plan.drifts_ppm[static_cast<std::size_t>(id - 1)]);
    member.machine.disk.put(common.store.data_log_dir + "/initialize", "");
    if (keeps == Keeps::findings) continue;
    member.machine.log.on_line = [this, &member](std::string_view line) {
      log_.push_back(fmt::format("{:>10} {} {}", simulation_.scheduler.now_us(), member.name(), line));
    };
  }
  for (std::size_t i = 0; i < plan.clients.clients.size(); ++i)
    actors_.push_back(std::make_unique<Actor>(simulation_, kClientPort, static_cast<int>(i), plan.clients.clients[i]));
}

EnsembleTrial::~EnsembleTrial() {
  is_over_ = true;
  simulation_.after_step = nullptr;
}

server::Options EnsembleTrial::options() const {
  const Plan& plan = plan_.clients;
  server::Options options;
  options.client_ports = {{.host = "", .port = kClientPort}};
  options.store.data_dir = "/data";
  options.store.data_log_dir = plan.parts_logs ? "/log" : "/data";
  options.store.pre_alloc_kb = 16;
  options.store.log_size_limit_kb = plan.log_limit_kb;
  // A member that has lost its data helps nobody to lead.
  options.store.db_autocreate = false;
  options.rules.owner_rules.extended = true;
  options.tick_ms = plan_.tick_ms;
  options.min_session_timeout_ms = 2 * plan_.tick_ms;
  options.max_session_timeout_ms = 20 * plan_.tick_ms;
  options.snapshots.count = plan.snapshot_count;
  options.snapshots.slice_nodes = plan.slice_nodes;
  options.snapshots.purge_interval_ms = plan.purges ? 700 : 0;
  options.containers.check_interval_ms = 900;
  server::EnsembleOptions& ensemble = options.ensemble.emplace();
  ensemble.times = {.tick_ms = plan_.tick_ms, .init_ticks = 10, .sync_ticks = 5};
  ensemble.connect_timeout_ms = 10 * plan_.tick_ms;
  ensemble.epoch_transactions_max = plan_.epoch_transactions_max;
  ensemble.history.entries_min = plan_.history_entries_min;
  for (int id = 1; id <= plan_.members(); ++id) {
    const bool is_voter = id <= plan_.voters;
    ensemble.members.push_back({.member = {.id = ServerId{id}, .is_voter = is_voter},
                                .ports = {{fmt::format("server{}", id), kQuorumPort, kElectionPort}}});
    ensemble.text += fmt::format("server.{0}=server{0}:2888:3888:{1}\n", id, is_voter ? "participant" : "observer");
  }
  ensemble.text += "version=0";
  return options;
}

EnsembleOutcome EnsembleTrial::run() {
  for (std::size_t i = 0; i < members_.size(); ++i) start(i);
  for (const Item& item : plan_.clients.items) {
    simulation_.scheduler.after(item.at_us,
                                [this, &item] { actors_[static_cast<std::size_t>(item.client)]->carry_out(item); });
  }
  for (const EnsembleFault& fault : plan_.faults)
    simulation_.scheduler.after(fault.at_us, [this, &fault] { carry_out(fault); });
  for (const auto& actor : actors_) {
    const auto after_us = static_cast<std::int64_t>(simulation_.scheduler.chance().below(2'000'000));
    simulation_.scheduler.after(after_us, [&start = *actor] { start.start(); });
  }
  std::int64_t end_us = 2'000'000;
  for (const Item& item : plan_.clients.items) end_us = std::max(end_us, item.at_us);
  for (const EnsembleFault& fault : plan_.faults) end_us = std::max(end_us, fault.at_us);
  simulation_.run_for(end_us / 1000 + 500);
  heal();
  if (findings_.empty() && chronicle_.findings.empty() && come_to_rest("when all clients were idle")) end_with_a_cut();
  judge_record();
  EnsembleOutcome outcome{std::move(findings_), simulation_.scheduler.digest(), simulation_.scheduler.now_us()};
  outcome.transactions = static_cast<std::int64_t>(chronicle_.entries().size());
  outcome.epochs = static_cast<std::int64_t>(leaders_.size());
  for (const auto& member : members_) outcome.lives += member->lives();
  for (const Conversation* const conversation : record_.conversations)
    outcome.arrivals += static_cast<std::int64_t>(conversation->arrivals.size());
  outcome.log = std::move(log_);
  return outcome;
}

// ---- Faults.

std::vector<std::size_t> EnsembleTrial::members_of(MemberSet set) const {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if ((set >> i & 1) != 0) members.push_back(i);
  }
  return members;
}

void EnsembleTrial::disturb(std::int64_t for_us) {
  record_.disturbances.push_back(Span{simulation_.scheduler.now_us(), simulation_.scheduler.now_us() + for_us});
}

void EnsembleTrial::carry_out(const EnsembleFault& fault) {
  if (is_healed_) return;
  EnsembleFault exact = fault;
  for (std::size_t i = 0; fault.meets_leader && i < members_.size(); ++i) {
    if (members_[i]->is_leading()) exact.members = MemberSet{1} << i;
  }
  using enum EnsembleFault::Kind;
  disturb(fault.amount + kOutOfSightUs);
  switch (exact.kind) {
    case part:
    case part_one_way:
      set_passage(exact, exact.refuses ? Route::Passage::refused : Route::Passage::silent);
      simulation_.scheduler.after(exact.amount, [this, exact] { set_passage(exact, Route::Passage::open); });
      return;
    case cut_links:
      for (const std::size_t one : members_of(exact.members)) {
        for (const std::size_t other : members_of(exact.others))
          simulation_.network.cut_links(members_[one]->name(), members_[other]->name());
      }
      return;
    default:
      for (const std::size_t member : members_of(exact.members)) carry_out(exact, member);
  }
}

void EnsembleTrial::set_passage(const EnsembleFault& fault, Route::Passage passage) {
  for (const std::size_t one : members_of(fault.members)) {
    for (const std::size_t other : members_of(fault.others)) {
      if (one == other) continue;
      const std::string& a = members_[one]->name();
      const std::string& b = members_[other]->name();
      simulation_.network.route(a, b).passage = passage;
      if (fault.kind == EnsembleFault::Kind::part) simulation_.network.route(b, a).passage = passage;
    }
  }
}

void EnsembleTrial::carry_out(const EnsembleFault& fault, std::size_t index) {
  Member& member = *members_[index];
  Watched& watched = watched_[index];
  TappedDisk& disk = member.machine.process_disk;
  Scheduler& scheduler = simulation_.scheduler;
  using enum EnsembleFault::Kind;
  switch (fault.kind) {
    case wipe:
      watched.is_wiped_then = true;
      [[fallthrough]];
    case kill:
    case kill_after:
      watched.ending = Machine::Ending::kill;
      return fault.kind == kill_after ? disk.die_after(fault.amount) : disk.die();
    case power_cut:
      watched.ending = Machine::Ending::power_cut;
      return disk.die();
    case power_cut_torn:
    case power_off_after:
      watched.ending = Machine::Ending::power_cut_torn;
      return fault.kind == power_off_after ? disk.die_after(fault.amount) : disk.die();
    case pause:
      member.machine.loop.close();
      return scheduler.after(fault.amount, [&member] { member.machine.loop.open(); });
    case hang_disk:
      member.machine.workers.hang();
      return scheduler.after(fault.amount, [&member] { member.machine.workers.go_on(); });
    case slow_disk:
      member.machine.workers.latency_us_max = std::max<std::int64_t>(fault.amount, 50);
      return disturb(INT64_MAX / 2);
    case slow_links:
    case lossy_links:
      for (const auto& other : members_) {
        for (Route* const route : {&simulation_.network.route(member.name(), other->name()),
                                   &simulation_.network.route(other->name(), member.name())}) {
          if (fault.kind == slow_links) route->more_latency_us = fault.amount;
          if (fault.kind == lossy_links) route->lost_per_mille = static_cast<std::uint64_t>(fault.amount);
        }
      }
      return disturb(INT64_MAX / 2);
    case jump_clock:
      return member.machine.clock.jump_wall(fault.amount);
    case log_error:
      watched.has_bad_disk = true;
      return member.machine.disk.inject(
          {.call = fault.amount % 2 == 1 ? MemoryDisk::Call::sync : MemoryDisk::Call::write,
           .path_part = "/log.",
           .code = EIO,
           .skip = 0,
           .times = 1});
    default:
      return;
  }
}

// ---- Processes.

void EnsembleTrial::start(std::size_t index) {
  Member& member = *members_[index];
  Watched& watched = watched_[index];
  watched.restart_due = false;
  watched.ending.reset();
  if (member.start()) return;
  if (keeps_ == Keeps::log_too)
    log_.push_back(fmt::format("{:>10} {} refuses to start: {}", simulation_.scheduler.now_us(), member.name(),
                               member.failure().value_or("")));
  if (!member.machine.process_disk.is_dead() && !watched.has_bad_disk)
    findings_.push_back(
        fmt::format("VL1 liveness: {} refuses to start: {}", member.name(), member.failure().value_or("")));
}

void EnsembleTrial::end(std::size_t index) {
  Watched& watched = watched_[index];
  members_[index]->end(watched.ending.value_or(Machine::Ending::kill));
  // Some faults end a process later than they are carried out.
  disturb(kOutOfSightUs);
  watched.serving_life = -1;
  if (!std::exchange(watched.is_wiped_then, false)) return;
  members_[index]->log.refresh();
  watched.lost_zxid = members_[index]->log.last();
  members_[index]->wipe();
}

void EnsembleTrial::restart_later(std::size_t index) {
  Watched& watched = watched_[index];
  if (watched.restart_due) return;
  watched.restart_due = true;
  const std::int64_t longest_us = is_healed_ ? 200'000 : plan_.restart_us_max;
  const std::int64_t delay_us =
      1000 + static_cast<std::int64_t>(simulation_.scheduler.chance().below(static_cast<std::uint64_t>(longest_us)));
  simulation_.scheduler.after(delay_us, [this, index] {
    if (watched_[index].restart_due) start(index);
  });
}

// ---- Laws that are checked after every event.

void EnsembleTrial::after_step() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = *members_[i];
    if (!member.is_running()) continue;
    if (member.failure() && !member.machine.process_disk.is_dead() && !watched_[i].has_bad_disk)
      findings_.push_back(fmt::format("VL1 liveness: {} ends itself: {}", member.name(), *member.failure()));
    if (member.failure() || member.machine.process_disk.is_dead()) {
      end(i);
      restart_later(i);
      continue;
    }
    check(i);
  }
}

void EnsembleTrial::check(std::size_t index) {
  Member& member = *members_[index];
  Watched& watched = watched_[index];
  const bool looks_inside = simulation_.scheduler.steps() % kLiveCheckEvery == 0;
  if (looks_inside && member.server().core().peer) member.server().core().peer->check_invariants();
  if (!member.is_serving()) {
    watched.serving_life = -1;
    return;
  }
  const std::int64_t now_us = simulation_.scheduler.now_us();
  const std::int64_t zxid = member.zxid();
  if (member.is_leading()) {
    const std::int64_t epoch = member.server().core().leading()->epoch().value();
    const auto [at, is_first] = leaders_.emplace(epoch, std::pair(member.id(), member.lives()));
    if (at->second != std::pair(member.id(), member.lives()))
      findings_.push_back(
          fmt::format("VZ1 epochs: server{} and {} lead in epoch {}", at->second.first, member.name(), epoch));
  }
  const bool begins = watched.serving_life != member.lives();
  if (!begins && watched.zxid == zxid) return;
  member.log.refresh();
  if (begins) {
    chronicle_.begin(member.name(), zxid, log_up_to(zxid, member), now_us);
  } else {
    chronicle_.advance(member.name(), watched.zxid, zxid, member.log, now_us);
  }
  watched.serving_life = member.lives();
  watched.zxid = zxid;
  const machine::State& state = member.server().core().state;
  chronicle_.compare(member.name(), zxid, state.tree.digest(),
                     Chronicle::Sessions(state.sessions.begin(), state.sessions.end()));
  if (state.digest_mismatches != 0 && findings_.empty())
    findings_.push_back(fmt::format("VC12 digest: {} found another digest up to zxid {:x}", member.name(), zxid));
  if (findings_.empty() && looks_inside) {
    check_live(member.server(), member.log.last(), findings_);
    check_connections(member.server(), findings_);
    check_sessions(member);
  }
}

const MemberLog& EnsembleTrial::log_up_to(std::int64_t zxid, const Member& member) {
  const auto holds = [&](const Member& any) { return any.log.entries().contains(zxid); };
  if (zxid <= chronicle_.last() || holds(member)) return member.log;
  for (const auto& other : members_) {
    other->log.refresh();
    if (holds(*other)) return other->log;
  }
  return member.log;
}

void EnsembleTrial::check_sessions(Member& member) {
  member.server().connections().for_each([&](const server::ClientConnection& connection) {
    if (connection.phase() != server::ClientConnection::Phase::serving) return;
    const auto closed = closed_.find(connection.session.value());
    if (closed != closed_.end() && closed->second <= member.zxid())
      findings_.push_back(fmt::format("VC7 sessions: {} serves session 0x{:x}, which was closed by zxid {:x}",
                                      member.name(), static_cast<std::uint64_t>(closed->first), closed->second));
  });
}

void EnsembleTrial::check_quorum(std::int64_t zxid) {
  int holders = 0;
  for (int i = 0; i < plan_.voters; ++i) {
    MemberLog& log = members_[static_cast<std::size_t>(i)]->log;
    log.refresh();
    // It may have acknowledged what it has lost since.
    if (log.has(zxid) || watched_[static_cast<std::size_t>(i)].lost_zxid >= zxid) ++holders;
  }
  if (2 * holders <= plan_.voters)
    findings_.push_back(fmt::format("VD1 durability: zxid {:x} is shown, and {} of {} voters have it on stable storage",
                                    zxid, holders, plan_.voters));
}

void EnsembleTrial::note(std::int64_t zxid, const std::string& bytes) {
  const auto txn = wire::decode_txn(bytes);
  if (txn && keeps_ == Keeps::log_too)
    log_.push_back(fmt::format("{:>10} zxid {:x}: session 0x{:x}, cxid {}: {}", simulation_.scheduler.now_us(), zxid,
                               static_cast<std::uint64_t>(txn->header.client_id), txn->header.cxid,
                               logged_text(txn->body)));
  if (!txn || !std::holds_alternative<CloseSessionTxn>(txn->body)) return;
  closed_.emplace(txn->header.client_id, zxid);
  if (txn->header.cxid == 0) record_.expiries.push_back(Expiry{txn->header.client_id, simulation_.scheduler.now_us()});
}

EnsembleOutcome run_ensemble(const EnsemblePlan& plan, EnsembleTrial::Keeps keeps) {
  return EnsembleTrial(plan, keeps).run();
}

}  // namespace quoll::sim
