// Prints one line per connection for `cons` and `stat` (org.apache.zookeeper.server.ServerCnxn.dumpConnectionInfo).
#pragma once

#include "admin/steps.h"
#include "admin/words.h"

namespace quoll::admin {

enum class Detail { brief, full };

// Adds steps that print all connections, oldest first, and an empty line.
void add_connections(const Question& question, Detail detail, Steps& steps);

}  // namespace quoll::admin
