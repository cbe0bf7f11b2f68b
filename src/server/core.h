// State shared by the parts of one server: the replicated state, the settings, and the agreement protocol. It belongs
// to one event loop. A part that only reads gets a const Core, and what it counts by itself.
#pragma once

#include <optional>

#include "auth/schemes.h"
#include "env/env.h"
#include "machine/apply.h"
#include "machine/prepare.h"
#include "machine/state.h"
#include "server/bytes_in_flight.h"
#include "server/loop_clock.h"
#include "server/options.h"
#include "server/stats.h"
#include "session/session_table.h"
#include "session/touches.h"
#include "zab/peer.h"

namespace quoll::server {

// What a server does for clients. Alone it is always their leader.
enum class Role { none, leader, learner };

class AuditSink;

struct Core {
  Core(env::Env& world, Options given)
      : env(world),
        clock(world.clock),
        options(std::move(given)),
        hash_key{world.random.next(), world.random.next()},
        schemes(options.auth, hash_key),
        state(options.rules, hash_key),
        preparer(state, options.rules, schemes, static_cast<std::size_t>(options.limits.buffer_bytes_max)),
        sessions(options.tick_ms),
        in_flight(world.network, options.limits.in_flight_bytes_max) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] std::int64_t zxid() const { return state.last_processed.value(); }
  // The session's client was heard from, over a connection that negotiated this timeout. False: the session is unknown
  // or closing.
  bool touch_session(SessionId id, std::int32_t timeout_ms, std::int64_t now_ms) {
    return role == Role::learner ? touches.touch(id, timeout_ms) : sessions.touch(id, timeout_ms, now_ms);
  }
  // nullptr: this server does not lead.
  [[nodiscard]] const zab::Leading* leading() const { return peer ? peer->leading() : nullptr; }

  env::Env& env;
  LoopClock clock;
  const Options options;
  // The key of every hash table whose keys clients choose.
  const base::HashKey hash_key;
  const auth::Schemes schemes;
  machine::State state;
  machine::Preparer preparer;
  Role role = Role::none;
  session::SessionTable sessions;  // of a leader: of all clients of the ensemble
  session::Touches touches;        // of a learner
  BytesInFlight in_flight;
  // Since recovery has told it what the log holds.
  std::optional<zab::Peer> peer;
  ServerStats stats;
  // The greatest czxid in the recovered snapshot. It exceeds the recovered zxid if the snapshot is fuzzy and was
  // restored without its log, as from a backup.
  std::int64_t recovered_czxid_max = 0;
  // The newest session id of this server in the recovered snapshot and in the log after it.
  std::optional<SessionId> recovered_session_max;
  // Set by DiskSpaceMonitor while the disk has too little free space: writes are refused.
  bool writes_are_off = false;
  bool snapshots_are_off = false;
  // Set by MemoryMonitor while the process uses too much memory: requests that make the data larger are refused.
  bool growth_is_off = false;
  std::int64_t memory_used = 0;  // what it has measured last, in bytes; 0: there is no limit
  // What DiskSpaceMonitor has measured last, in bytes.
  struct DiskFree {
    std::int64_t log = 0;
    std::int64_t snapshots = 0;
  };
  std::optional<DiskFree> disk_free;
  // nullptr: there is no audit log.
  AuditSink* audit = nullptr;
};

}  // namespace quoll::server
