// What the parts of one server share: the replicated state, the rules it lives by, and the agreement. One loop owns all
// of it.
#pragma once

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
        in_flight(world.network, given.limits.in_flight_bytes_max),
        peer(given.session_server) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] std::int64_t zxid() const { return state.last_processed.value(); }

  env::Env& env;
  const Options options;
  // Of every hash table whose keys clients choose.
  const base::HashKey hash_key;
  const auth::Schemes schemes;
  machine::State state;
  machine::Preparer preparer;
  session::SessionTable sessions;
  BytesInFlight in_flight;
  zab::Peer peer;
  ServerStats stats;
  // The newest czxid that a recovered snapshot has. Above the recovered zxid it is of a fuzzy snapshot that came
  // without its log, as backups do.
  std::int64_t recovered_czxid_max = 0;
  // Set by DiskRoom: the disk has no room for more of them.
  bool writes_are_off = false;
  bool snapshots_are_off = false;
};

}  // namespace quoll::server
