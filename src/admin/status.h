// What a server is at the moment, in the words of `srvr`, `stat` and `mntr`.
#pragma once

#include <string_view>

#include "server/server.h"

namespace quoll::admin {

// "standalone" (Apache's others: leader, follower, observer, read-only).
std::string_view mode_of(server::Server& server);

}  // namespace quoll::admin
