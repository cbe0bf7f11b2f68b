#include "sim/trial/trial.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fmt/format.h>

#include "sim/trial/cost_trial.h"
#include "sim/trial/judge.h"
#include "sim/trial/live_laws.h"

namespace quoll::sim {

namespace {

constexpr std::uint16_t kPort = 2181;
const std::string kSnapshotFolder = "/data/version-2";
const std::string kLogFolder = "/log/version-2";
constexpr std::int64_t kTickMs = 500;
constexpr std::size_t kSnapshotsKept = 3;
constexpr std::int64_t kPagesLeftMax = 8;

server::Options options_of(const Plan& plan) {
  server::Options options;
  options.client_ports = {{.host = "", .port = kPort}};
  options.store.data_dir = "/data";
  options.store.data_log_dir = plan.parts_logs ? "/log" : "/data";
  options.store.pre_alloc_kb = 16;
  options.store.log_size_limit_kb = plan.log_limit_kb;
  options.rules.owner_rules.extended = true;
  options.rules.quotas = plan.hard_quotas ? machine::Rules::hard : machine::Rules::soft_only;
  options.tick_ms = kTickMs;
  options.min_session_timeout_ms = 2 * kTickMs;
  options.max_session_timeout_ms = 20 * kTickMs;
  options.snapshots.count = plan.snapshot_count;
  options.snapshots.slice_nodes = plan.slice_nodes;
  options.snapshots.purge_interval_ms = plan.purges ? 700 : 0;
  options.containers.check_interval_ms = 900;
  if (plan.tight) {
    options.limits.outstanding_max = 3;
    options.limits.queued_reply_bytes = 2048;
    options.limits.turn_bytes = 512;
    options.limits.event_bytes = 1024;
    options.limits.events_at_once = 1;
    options.limits.owed_event_bytes_max = 500;
    options.limits.in_flight_bytes_max = 300'000;
    options.limits.large_request_bytes = 1000;
    options.limits.large_requests_bytes_max = 400'000;
  }
  return options;
}

}  // namespace

Trial::Trial(const Plan& plan)
    : plan_(plan),
      world_(plan.seed),
      options_(options_of(plan)),
      log_folder_(plan.parts_logs ? kLogFolder : kSnapshotFolder),
      durable_(world_.disk, log_folder_, kSnapshotFolder) {
  record_.first_zxid = plan.first_zxid;
  record_.timeout_ms_min = options_.min_session_timeout_ms;
  record_.timeout_ms_max = options_.max_session_timeout_ms;
  record_.hard_quotas = plan.hard_quotas;
  // Large data through small socket buffers is slow: what was sent may not have arrived for a long time.
  const bool is_narrow = plan.tight && plan.workload == "huge";
  record_.is_network_prompt = !is_narrow && std::ranges::none_of(plan.items, [](const Item& item) {
    return item.kind == Item::Kind::slow_network || item.kind == Item::Kind::lossy_network;
  });
  world_.loop.turn_us_max = plan.turn_us_max;
  if (plan.tight) world_.network.window_bytes = 1024;
  disk_.on_remove = [this](const std::string& path) { on_remove(path); };
  world_.after_step = [this] { after_step(); };
  for (std::size_t i = 0; i < plan.clients.size(); ++i) {
    const int number = static_cast<int>(i);
    actors_.push_back(std::make_unique<Actor>(world_, kPort, number, plan.clients[i]));
    actors_.back()->on_long_wait = [this, number](std::int64_t since_us) { on_long_wait(number, since_us); };
  }
}

Trial::~Trial() {
  world_.after_step = nullptr;
  disk_.die();
}

Outcome Trial::run() {
  make_first_database();
  start_server();
  for (const Item& item : plan_.items) world_.scheduler.after(item.at_us, [this, &item] { carry_out(item); });
  for (const auto& actor : actors_) {
    const auto after_us = static_cast<std::int64_t>(world_.scheduler.chance().below(300'000));
    world_.scheduler.after(after_us, [&start = *actor] { start.start(); });
  }
  std::int64_t end_us = 500'000;
  for (const Item& item : plan_.items)
    end_us = std::max(end_us, item.at_us + (item.kind == Item::Kind::stand_still ? item.amount : 0));
  end_us += 500'000;
  world_.run_for(end_us / 1000);
  heal();
  if (come_to_rest()) end_with_a_cut();
  record_.log.take_directory(world_.disk, log_folder_);
  for (const auto& actor : actors_) {
    for (const auto& conversation : actor->conversations()) record_.conversations.push_back(conversation.get());
  }
  const Findings judged = judge(record_);
  findings_.insert(findings_.end(), judged.begin(), judged.end());
  Outcome outcome{std::move(findings_),
                  world_.scheduler.digest(),
                  world_.scheduler.now_us(),
                  std::max<std::int64_t>(0, record_.log.last() - plan_.first_zxid),
                  0,
                  lives_,
                  world_.log.lines()};
  for (const Conversation* const conversation : record_.conversations)
    outcome.arrivals += static_cast<std::int64_t>(conversation->arrivals.size());
  return outcome;
}

void Trial::start_server() {
  restart_due_ = false;
  disk_.revive();
  is_fatal_ = false;
  pending_.reset();
  ++lives_;
  if (std::exchange(spoils_snapshot_, false)) spoil_newest_snapshot();
  // One thing at a time: a mark that is damaged together with the log behind it vouches for nothing.
  const auto how = std::exchange(spoils_mark_, MarkSpoiled::no);
  if (std::exchange(spoils_log_, false)) {
    spoil_a_log();
  } else if (how != MarkSpoiled::no) {
    spoil_mark(how == MarkSpoiled::both_records);
  }
  at_start_ = stored_files();
  if (std::exchange(repeats_clock_, false)) world_.clock.jump_wall(started_wall_ms_ - world_.clock.wall_ms());
  notes_wall_ = true;
  server_ = std::make_unique<server::Server>(world_.env(), options_,
                                             [this](server::ExitCode, std::string_view) { is_fatal_ = true; });
  const auto started = server_->start();
  if (started) {
    on_started();
    if (std::exchange(power_fails_after_start_, false)) lose_power_soon();
    return;
  }
  const bool is_over_spoiled = !spoiled_.empty() && !disk_.is_dead() && !world_.disk.is_off();
  if (is_over_spoiled) check_refusal(started.error().text);
  const bool has_excuse =
      is_over_spoiled || disk_.is_dead() || world_.disk.is_off() || ++failed_starts_ <= errors_injected_;
  if (!has_excuse) findings_.push_back("VL1 liveness: the server refuses to start: " + started.error().text);
  pending_ = world_.disk.is_off() ? Loss::unsynced : Loss::nothing;
  is_fatal_ = true;
}

void Trial::on_started() {
  failed_starts_ = 0;
  restore_unneeded_files();
  const std::int64_t zxid = server_->core().zxid();
  server_->core().state.tree.check_invariants();
  if (server_->core().state.digest_mismatches != 0)
    findings_.push_back(fmt::format("VC12 digest: recovery up to zxid {} found a different digest", zxid));
  record_.log.settle(zxid);
  record_.log.take_directory(world_.disk, log_folder_);
  if (record_.log.last() > zxid)
    findings_.push_back(fmt::format("VD1 durability: the log continues to zxid {} after the recovered zxid {}",
                                    record_.log.last(), zxid));
  record_.states.push_back(server_state(fmt::format("at start {}", lives_)));
  record_.states.back().is_of_start = true;
  applied_zxid_ = proposed_zxid_ = zxid;
  record_.states.back().died_us = died_us_;
}

ServerState Trial::server_state(std::string when) const {
  ServerState result;
  result.when = std::move(when);
  const machine::State& state = server_->core().state;
  result.zxid = state.last_processed.value();
  result.sessions.insert(state.sessions.begin(), state.sessions.end());
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = state.tree.next_depth_first(id)) {
    const tree::Node& node = state.tree.node(id);
    result.nodes[state.tree.path_of(id)] =
        NaiveTree::Node{node.data().str(), state.tree.acl_of(id).entries(), node.stat};
  }
  return result;
}

void Trial::die(Loss loss) {
  record_.log.take_directory(world_.disk, log_folder_);
  died_us_ = world_.scheduler.now_us();
  durable_.forget();
  checked_zxid_ = -1;
  served_since_us_ = INT64_MAX;
  disk_.die();
  watch_log();
  server_.reset();
  go_on();
  if (loss == Loss::unsynced) world_.disk.cut();
  if (loss == Loss::by_chance) world_.disk.cut(world_.scheduler.chance());
}

void Trial::restart_later() {
  if (restart_due_) return;
  restart_due_ = true;
  const std::int64_t delay_us = 1000 + static_cast<std::int64_t>(world_.scheduler.chance().below(400'000));
  world_.scheduler.after(delay_us, [this] { start_server(); });
}

// After each event: checks the laws, or ends the process if it has failed or a fault ends it.
void Trial::after_step() {
  watch_log();
  if (server_ == nullptr) return;
  if (is_serving() && std::exchange(notes_wall_, false)) {
    started_wall_ms_ = world_.clock.wall_ms();
    served_since_us_ = world_.scheduler.now_us();
  }
  note_quotas();
  const bool is_over = is_fatal_ || disk_.is_dead() || world_.disk.is_off();
  if (!is_over) return check_live_laws();
  die(pending_.value_or(world_.disk.is_off() ? Loss::by_chance : Loss::nothing));
  restart_later();
}

// Stops after the first finding: later ones would repeat it.
void Trial::check_live_laws() {
  if (!is_serving() || !findings_.empty()) return;
  check_connections(*server_, findings_);
  const std::int64_t zxid = server_->core().zxid();
  if (std::exchange(checked_zxid_, zxid) != zxid) check_live(*server_, durable_.last(), findings_);
}

void Trial::note_quotas() {
  const machine::State& state = server_->core().state;
  const zab::Leading* const leading = server_->core().leading();
  if (leading == nullptr) return;
  const std::int64_t before = std::exchange(applied_zxid_, state.last_processed.value());
  const std::int64_t next = leading->next_zxid().value();
  while (plan_.hard_quotas && proposed_zxid_ + 1 < next)
    record_.applied[++proposed_zxid_] = Applied{before, applied_zxid_};
  if (before == applied_zxid_ || state.tree.quotas().empty()) return;
  Usage usage{applied_zxid_, {}};
  for (const std::string& path : state.tree.quotas().all()) {
    const std::string at = statistics_path(path);
    if (const tree::NodeId id = state.tree.find(at); id != tree::kNoNode)
      usage.texts[at] = state.tree.node(id).data().str();
  }
  record_.usages.push_back(std::move(usage));
}

void Trial::watch_log() {
  constexpr std::string_view kWords = "Expiring session 0x";
  const auto& lines = world_.log.lines();
  for (; lines_seen_ < lines.size(); ++lines_seen_) {
    const std::string& line = lines[lines_seen_];
    if (!line.starts_with(kWords)) continue;
    std::uint64_t id = 0;
    std::from_chars(line.data() + kWords.size(), line.data() + line.size(), id, 16);
    record_.expiries.push_back(Expiry{static_cast<std::int64_t>(id), world_.scheduler.now_us()});
  }
}

// VD6: purging must leave the files that are needed.
void Trial::on_remove(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("log.")) record_.log.take_file(world_.disk.content(path));
  const auto snapshots = zxids_of_files(world_.disk, kSnapshotFolder, "snapshot.");
  const bool is_snapshot = name.starts_with("snapshot.") && name.find('.', 9) == std::string::npos;
  if (is_snapshot && snapshots.size() <= kSnapshotsKept)
    findings_.push_back(fmt::format("VD6 purge: {} of {} snapshots is removed", name, snapshots.size()));
}

void Trial::carry_out(const Item& item) {
  using enum Item::Kind;
  if (item.client >= 0) return actors_[static_cast<std::size_t>(item.client)]->carry_out(item);
  const auto inject = [&](std::initializer_list<MemoryDisk::Call> calls, const char* part, int times) {
    errors_injected_ += times;
    for (const auto call : calls)
      world_.disk.inject(
          {.call = call, .path_part = part, .code = static_cast<int>(item.amount), .skip = 0, .times = times});
  };
  switch (item.kind) {
    case kill:
      pending_ = Loss::nothing;
      return disk_.die();
    case power_cut:
    case power_cut_torn:
      pending_ = item.kind == power_cut ? Loss::unsynced : Loss::by_chance;
      return disk_.die();
    case kill_then_power_cut:
      power_fails_after_start_ = true;
      pending_ = Loss::nothing;
      return disk_.die_after(item.amount);
    case repeat_clock:
      repeats_clock_ = true;
      pending_ = Loss::nothing;
      return disk_.die();
    case spoil_snapshot:
      spoils_snapshot_ = true;
      pending_ = Loss::nothing;
      return disk_.die();
    case spoil_log:
      spoils_log_ = true;
      pending_ = Loss::nothing;
      return disk_.die();
    case spoil_mark:
      spoils_mark_ = item.alone ? MarkSpoiled::both_records : MarkSpoiled::one_record;
      pending_ = item.at_us % 2 == 0 ? Loss::nothing : Loss::by_chance;
      return disk_.die();
    case read_error:
      inject({MemoryDisk::Call::read}, item.alone ? "/log." : "/snapshot.", 1);
      pending_ = Loss::nothing;
      return disk_.die();
    case read_error_later:
      ++errors_injected_;
      world_.disk.inject({.call = MemoryDisk::Call::read,
                          .path_part = "/version-2/",
                          .code = EIO,
                          .skip = static_cast<int>(item.amount),
                          .times = 1});
      pending_ = Loss::nothing;
      return disk_.die();
    case kill_after:
      pending_ = Loss::nothing;
      return disk_.die_after(item.amount);
    case power_off_after:
      pending_ = Loss::by_chance;
      return disk_.die_after(item.amount);
    case stand_still:
      go_on();
      world_.stand_still();
      record_.stalls.push_back(Span{world_.scheduler.now_us()});
      return world_.scheduler.after(item.amount, [this] { go_on(); });
    case hang_disk:
      let_disk_hang(item.amount);
      return world_.scheduler.after(item.amount, [this] { world_.workers.go_on(); });
    case slow_disk:
      world_.workers.latency_us_max = item.amount;
      return;
    case slow_network:
      world_.network.latency_us_max = item.amount;
      return;
    case lossy_network:
      world_.network.lost_per_mille = static_cast<std::uint64_t>(item.amount);
      return;
    case full_disk:
      fill_disk(item.amount % kPagesLeftMax);
      return world_.scheduler.after(item.amount, [this] { make_room(); });
    case set_clock:
      return world_.clock.jump_wall(item.amount);
    case log_error:
      return inject({item.alone ? MemoryDisk::Call::sync : MemoryDisk::Call::write}, "/log.", 1);
    case snapshot_error:
      return inject({MemoryDisk::Call::write}, "/snapshot.", 2);
    default:
      return;
  }
}

void Trial::let_disk_hang(std::int64_t for_us) {
  world_.workers.hang();
  hung_until_us_ = std::max(hung_until_us_, world_.scheduler.now_us() + for_us);
}

// The disk hangs, so the only durable state is what the start has synced; then the power fails.
void Trial::lose_power_soon() {
  constexpr std::int64_t kAfterUs = 400'000;
  let_disk_hang(kAfterUs);
  world_.scheduler.after(kAfterUs, [this, life = lives_] {
    world_.workers.go_on();
    if (life != lives_ || is_healed_) return;
    pending_ = Loss::unsynced;
    disk_.die();
  });
}

void Trial::fill_disk(std::int64_t pages_left) {
  make_room();
  constexpr std::int64_t kPageBytes = 4096;
  world_.disk.set_capacity(world_.disk.used() + pages_left * kPageBytes);
  record_.full_times.push_back(Span{world_.scheduler.now_us()});
}

void Trial::make_room() {
  world_.disk.set_capacity(INT64_MAX);
  if (record_.full_times.empty()) return;
  Span& last = record_.full_times.back();
  last.until_us = std::min(last.until_us, world_.scheduler.now_us());
}

void Trial::go_on() {
  world_.go_on();
  if (record_.stalls.empty()) return;
  Span& last = record_.stalls.back();
  last.until_us = std::min(last.until_us, world_.scheduler.now_us());
}

// VL1: a server without faults of disk, network or process answers.
void Trial::on_long_wait(int client, std::int64_t since_us) {
  constexpr std::int64_t kLongUs = 1'000'000;
  // Time to process what has accumulated.
  constexpr std::int64_t kCatchUpUs = 500'000;
  const std::int64_t now_us = world_.scheduler.now_us();
  if (now_us - since_us < kLongUs) return;
  const auto was_disturbed = [&](const std::vector<Span>& spans) {
    return std::ranges::any_of(
        spans, [&](const Span& span) { return span.until_us == INT64_MAX || span.until_us + kCatchUpUs >= since_us; });
  };
  const bool is_excused = !is_serving() || served_since_us_ > since_us || power_fails_after_start_ ||
                          !record_.is_network_prompt || hung_until_us_ + kCatchUpUs >= since_us ||
                          was_disturbed(record_.stalls) || was_disturbed(record_.full_times);
  if (is_excused) return;
  findings_.push_back(
      fmt::format("VL1 liveness: client {} waits for an answer from {} us to {} us", client, since_us, now_us));
}

Outcome run_trial(const Plan& plan) {
  if (plan.workload == kCostWorkload) return run_cost_trial(plan);
  return Trial(plan).run();
}

}  // namespace quoll::sim
