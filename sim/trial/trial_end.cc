// The end of a history: ends all faults, waits until the clients are idle, makes a last power failure, and lets all
// sessions expire.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trial/model.h"
#include "sim/trial/trial.h"

namespace quoll::sim {

namespace {

constexpr std::int64_t kRestMsMax = 120'000;
constexpr std::int64_t kRoomSeenMsMax = 10'000;

}  // namespace

// Whether the server's count of bytes in flight equals the sum over its connections.
bool Trial::counts_bytes_in_flight() const {
  std::int64_t bytes = 0;
  server_->connections().for_each(
      [&](const server::ClientConnection& each) { bytes += static_cast<std::int64_t>(each.held_bytes()); });
  return bytes == bytes_in_flight();
}

void Trial::heal() {
  go_on();
  is_healed_ = true;
  power_fails_after_start_ = repeats_clock_ = spoils_snapshot_ = false;
  world_.workers.go_on();
  world_.workers.latency_us_max = 2000;
  world_.network.latency_us_max = 500;
  world_.network.lost_per_mille = 0;
  world_.disk.clear_faults();
  make_room();
  if (server_ != nullptr && !disk_.is_dead()) disk_.revive();
}

bool Trial::come_to_rest() {
  const auto all_idle = [&] {
    return is_serving() &&
           std::all_of(actors_.begin(), actors_.end(), [](const auto& actor) { return actor->is_idle(); });
  };
  bool rested = run_until(all_idle, kRestMsMax);
  // When there is space again, the server must accept writes again.
  if (rested)
    run_until([&] { return is_serving() && !server_->core().writes_are_off && !server_->core().snapshots_are_off; },
              kRoomSeenMsMax);
  for (auto& actor : actors_) actor->ping();
  rested = rested && run_until(all_idle, kRestMsMax);
  if (!rested) {
    findings_.push_back("VL1 liveness: after all faults had ended, the clients did not become idle");
    return false;
  }
  if (server_->core().writes_are_off || server_->core().snapshots_are_off)
    findings_.push_back("VL1 liveness: writes or snapshots are refused although there is free space");
  // Closing connections may still have something to send.
  if (!run_until([&] { return is_serving() && counts_bytes_in_flight(); }, kRoomSeenMsMax))
    findings_.push_back("VL2 baseline: the count of bytes in flight differs from what connections hold");
  // A snapshot may fail, but it must end.
  if (!run_until([&] { return !server_->snapshots()->is_running(); }, kRestMsMax))
    findings_.push_back("VL1 liveness: a snapshot does not end");
  server_->core().state.tree.check_invariants();
  record_.states.push_back(server_state("when all clients were idle"));
  return true;
}

void Trial::end_with_a_cut() {
  for (auto& actor : actors_) actor->leave();
  pending_ = plan_.seed % 2 == 0 ? Loss::unsynced : Loss::by_chance;
  disk_.die();
  world_.scheduler.after(0, [] {});
  if (!run_until([&] { return is_serving() && !disk_.is_dead(); }, kRestMsMax)) {
    findings_.push_back("VL1 liveness: the server does not serve after the last power cut");
    return;
  }
  let_all_expire();
}

// The number of containers and TTL nodes that are due for removal.
std::int64_t Trial::nodes_due() const {
  const tree::Tree& tree = server_->core().state.tree;
  std::int64_t due = 0;
  for (const auto* const some : {&tree.containers(), &tree.ttls()}) {
    due += std::ranges::count_if(*some, [&](tree::NodeId id) {
      const tree::Node& node = tree.node(id);
      return node.child_count == 0 && Model::is_due(node.stat, world_.clock.wall_ms());
    });
  }
  return due;
}

std::int64_t Trial::bytes_in_flight() const {
  server_->core().in_flight.refresh();
  return server_->core().in_flight.total();
}

// VL2: in the end there are no sessions, ephemerals, connections, watches or requests.
void Trial::let_all_expire() {
  server::Core& core = server_->core();
  const auto left = [&] {
    return std::vector<std::pair<std::string_view, std::int64_t>>{
        {"live sessions", core.sessions.size()},
        {"sessions", core.state.sessions.size()},
        {"ephemerals", core.state.tree.ephemerals_count()},
        {"connections", server_->connections().size()},
        {"watches", core.state.watch_count()},
        {"requests", server_->requests().in_progress()},
        {"bytes of requests", server_->requests().bytes()},
        {"bytes of large requests", server_->requests().large_bytes()},
        {"bytes in flight", bytes_in_flight()},
        {"bytes of events", core.in_flight.owed_events()},
        {"containers and old TTL nodes", nodes_due()},
        {"outstanding changes", core.preparer.outstanding().size()},
    };
  };
  // A late connection without a session has its own timeout. The server may still have to remove a container.
  const std::int64_t longest_ms =
      std::max<std::int64_t>(options_.max_session_timeout_ms, options_.limits.sessionless_ms);
  run_until([&] { return std::ranges::all_of(left(), [](const auto& each) { return each.second == 0; }); },
            2 * longest_ms + 4 * options_.tick_ms + 2000);
  for (const auto& [what, count] : left()) {
    if (count != 0) findings_.push_back(fmt::format("VL2 baseline: {} {} are left at the end", count, what));
  }
  core.state.tree.check_invariants();
  record_.states.push_back(server_state("at the end"));
}

}  // namespace quoll::sim
