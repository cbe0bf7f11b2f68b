// The server's mode as `srvr`, `stat` and `mntr` print it.
#pragma once

#include <string_view>

#include "server/server.h"

namespace quoll::admin {

// standalone, leader, follower or observer; looking while it is none of these (which Apache's server prints nowhere).
std::string_view mode_of(const server::Server& server);

}  // namespace quoll::admin
