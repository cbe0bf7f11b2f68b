// Prints one line per connection for `cons` and `stat` (org.apache.zookeeper.server.ServerCnxn.dumpConnectionInfo).
#pragma once

#include "admin/steps.h"
#include "admin/words.h"

namespace quoll::admin {

enum class Detail { brief, full };

// Adds steps that print all connections, oldest first, and an empty line.
void add_connections(const Question& question, Detail detail, Steps& steps);

// The bits of Java's SelectionKey: 1 for reading, 4 for writing. The asking connection is no longer read, so it has 0.
int interest_ops(const server::ClientConnection& connection, const env::Address& asking);

// Which of the server's ports this is.
PortRole role_of_port(const server::Server& server, const Facts& facts, std::uint16_t port);

}  // namespace quoll::admin
