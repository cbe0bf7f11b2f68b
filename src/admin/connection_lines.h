// One line a connection, as `cons` and `stat` print it (org.apache.zookeeper.server.ServerCnxn.dumpConnectionInfo).
#pragma once

#include "admin/steps.h"
#include "admin/words.h"

namespace quoll::admin {

enum class Detail { brief, full };

// Every connection, oldest first, then an empty line.
void add_connections(const Question& question, Detail detail, Steps& steps);

}  // namespace quoll::admin
