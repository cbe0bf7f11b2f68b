// Selects the files that are no longer needed (org.apache.zookeeper.server.PurgeTxnLog, but counting only snapshots
// that can be loaded).
#pragma once

#include <string>
#include <vector>

#include "store/data_dirs.h"

namespace quoll::store {

inline constexpr int kPurgeRetainMin = 3;

// Keeps the newest `retain` (at least 3) snapshots that seem complete, and every log that may contain a transaction
// after the oldest of them. If there are fewer complete snapshots, nothing is removed. Bytes cut off a log are removed
// with that log.
env::DiskResult<std::vector<std::string>> files_to_purge(const DataDirs& dirs, int retain);

}  // namespace quoll::store
