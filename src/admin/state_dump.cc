#include "admin/state_dump.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

#include "admin/ensemble_status.h"
#include "admin/status.h"

namespace quoll::admin {

namespace {

std::string role(const server::Server& server) {
  const server::Core& core = server.core();
  if (!server.is_serving()) return fmt::format("{}, not serving, zxid 0x{:x}", mode_of(server), core.zxid());
  return fmt::format("{}, serving for {} s, zxid 0x{:x}", mode_of(server),
                     (core.env.clock.elapsed_ms() - server.started_ms()) / 1000, core.zxid());
}

std::string room(const server::Server& server, const std::string& directory) {
  const auto room = server.core().env.disk.free_space(directory);
  if (!room) return room.error().text;
  return fmt::format("{} MiB of {} MiB free in {}", room->free >> 20, room->total >> 20, directory);
}

std::string waits_for(const server::Server& server) {
  const server::Core& core = server.core();
  std::vector<std::string> reasons;
  if (!server.is_serving())
    reasons.emplace_back(is_member(server) && core.peer ? "a leader with a quorum"
                                                        : "the end of its start or of its stop");
  if (server.journal() != nullptr && server.journal()->is_stuck()) {
    reasons.emplace_back("room on the disk of the transaction log");
  } else if (server.requests().in_progress() > 0) {
    reasons.emplace_back("the disk of the transaction log");
  }
  if (core.writes_are_off) reasons.emplace_back("room on the disk, to take writes again");
  if (core.growth_is_off) reasons.emplace_back("memory, to let the data grow again");
  if (server.snapshots() != nullptr && server.snapshots()->is_running())
    reasons.push_back(fmt::format("a snapshot to be written ({} bytes of it wait for the disk)",
                                  server.snapshots()->pending_bytes()));
  if (core.in_flight.measure() >= core.in_flight.bytes_max()) reasons.emplace_back("clients to read their replies");
  return reasons.empty() ? "nothing but its clients" : fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

std::vector<std::string> state_dump(const server::Server& server, const Facts& facts) {
  const server::Core& core = server.core();
  const machine::State& state = core.state;
  std::vector<std::string> lines;
  lines.push_back("State: " + role(server));
  std::ranges::move(ensemble_state(server), std::back_inserter(lines));
  lines.push_back(fmt::format("State: {} znodes with {} bytes, {} ephemerals, {} watches", state.tree.node_count(),
                              state.tree.approximate_data_size(), state.tree.ephemerals_count(), state.watch_count()));
  lines.push_back(fmt::format("State: {} sessions, {} connections, {} TLS handshakes under way", state.sessions.size(),
                              server.connections().size(), ask(facts.tls_handshakes_under_way)));
  lines.push_back(fmt::format("State: {} requests in progress with {} bytes, {} bytes in flight from and to clients",
                              server.requests().in_progress(), server.requests().bytes(), core.in_flight.measure()));
  lines.push_back(fmt::format("State: {} MiB of memory, {} of {} open files", ask(facts.memory_bytes) >> 20,
                              ask(facts.open_files), ask(facts.open_files_max)));
  lines.push_back("State: " + room(server, facts.log_dir));
  if (facts.snapshot_dir != facts.log_dir) lines.push_back("State: " + room(server, facts.snapshot_dir));
  lines.push_back("State: waits for " + waits_for(server));
  return lines;
}

}  // namespace quoll::admin
