// What must hold of a server between any two events, seen from inside.
#pragma once

#include "server/server.h"
#include "sim/trial/story.h"

namespace quoll::sim {

// `durable_zxid`: how far a power cut now would let history go.
void check_live(server::Server& server, std::int64_t durable_zxid, Findings& findings);
// The part of it that something else than a transaction can break.
void check_connections(server::Server& server, Findings& findings);

}  // namespace quoll::sim
