// What a server takes from the files beside zoo.cfg: its number, its servers, its client port; and whether it may run
// alone. As QuorumPeerConfig.setupQuorumPeerConfig does.
#pragma once

#include "config/files.h"
#include "config/settings.h"
#include "config/values.h"

namespace quoll::config {

// Gives `values` the lines of the file that dynamicConfigFile names.
void gather_dynamic_file(const Files& files, Values& values);

// Reads dataDir/myid, takes the client port from this server's line, and holds what belongs together against each
// other.
void settle_ensemble(const Files& files, Values& values, Settings& settings);

}  // namespace quoll::config
