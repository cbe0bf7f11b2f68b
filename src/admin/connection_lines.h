// One line a connection, as `cons` and `stat` print it (org.apache.zookeeper.server.ServerCnxn.dumpConnectionInfo).
#pragma once

#include <string>

#include "admin/words.h"

namespace quoll::admin {

enum class Detail { brief, full };

// Every connection, oldest first, then an empty line.
void append_connections(const Question& question, Detail detail, std::string& out);

}  // namespace quoll::admin
