// Reads the files beside zoo.cfg that define the server's id, the servers and the client port, and decides whether this
// server may run alone, as QuorumPeerConfig.setupQuorumPeerConfig does.
#pragma once

#include "config/files.h"
#include "config/settings.h"
#include "config/values.h"

namespace quoll::config {

// Adds the lines of the file named by dynamicConfigFile to `values`.
void gather_dynamic_file(const Files& files, Values& values);

// Reads dataDir/myid, takes the client port from this server's line, and checks that related keys fit together.
void settle_ensemble(const Files& files, Values& values, Settings& settings);

}  // namespace quoll::config
