// Invariants of a server's internal state that must hold after every event.
#pragma once

#include "server/server.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

// `durable_zxid`: the newest zxid that would survive a power failure now.
void check_live(server::Server& server, std::int64_t durable_zxid, Findings& findings);
// The invariants that can break without a transaction.
void check_connections(server::Server& server, Findings& findings);

}  // namespace quoll::sim
