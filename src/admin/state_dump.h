// What a server does at this moment, as lines for its log: SIGQUIT and SIGUSR1 ask for it.
#pragma once

#include <string>
#include <vector>

#include "admin/facts.h"
#include "server/server.h"

namespace quoll::admin {

// Role, zxid, znodes, sessions, connections, requests in progress, memory, room on disk, and what the server waits for.
// All queries take the same short time, however much there is, but for the disk's: they ask the file system.
std::vector<std::string> state_dump(server::Server& server, const Facts& facts);

}  // namespace quoll::admin
