// The server's mode as `srvr`, `stat` and `mntr` print it.
#pragma once

#include <string_view>

#include "server/server.h"

namespace quoll::admin {

// Always "standalone" (Apache also has leader, follower, observer and read-only).
std::string_view mode_of(server::Server& server);

}  // namespace quoll::admin
