// The current state of a server as lines for its log, requested by SIGQUIT or SIGUSR1.
#pragma once

#include <string>
#include <vector>

#include "admin/facts.h"
#include "server/server.h"

namespace quoll::admin {

// Role, zxid, znodes, sessions, connections, requests in progress, memory, free disk space, and what the server waits
// for. All queries are O(1) except those of the disk, which ask the file system.
std::vector<std::string> state_dump(const server::Server& server, const Facts& facts);

}  // namespace quoll::admin
