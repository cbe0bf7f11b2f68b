// State shared by the parts of one server: the replicated state, the settings, and the agreement protocol. It belongs
// to one event loop.
#pragma once

#include <optional>

#include "auth/schemes.h"
#include "env/env.h"
#include "machine/apply.h"
#include "machine/prepare.h"
#include "machine/state.h"
#include "server/bytes_in_flight.h"
#include "server/options.h"
#include "server/stats.h"
#include "session/session_table.h"
#include "zab/peer.h"

namespace quoll::server {

struct Core {
  Core(env::Env& world, const Options& given)
      : env(world),
        options(given),
        hash_key{world.random.next(), world.random.next()},
        schemes(given.auth, hash_key),
        state(given.rules, hash_key),
        preparer(state, options.rules, schemes, static_cast<std::size_t>(given.limits.buffer_bytes_max)),
        sessions(given.tick_ms),
        in_flight(world.network, given.limits.in_flight_bytes_max) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] std::int64_t zxid() const { return state.last_processed.value(); }
  // nullptr: this server does not lead.
  [[nodiscard]] const zab::Leading* leading() const { return peer ? peer->leading() : nullptr; }

  env::Env& env;
  const Options options;
  // The key of every hash table whose keys clients choose.
  const base::HashKey hash_key;
  const auth::Schemes schemes;
  machine::State state;
  machine::Preparer preparer;
  session::SessionTable sessions;
  BytesInFlight in_flight;
  // Since recovery has told it what the log holds.
  std::optional<zab::Peer> peer;
  ServerStats stats;
  // The greatest czxid in the recovered snapshot. It exceeds the recovered zxid if the snapshot is fuzzy and was
  // restored without its log, as from a backup.
  std::int64_t recovered_czxid_max = 0;
  // Set by DiskSpaceMonitor while the disk has too little free space: writes are refused.
  bool writes_are_off = false;
  bool snapshots_are_off = false;
};

}  // namespace quoll::server
