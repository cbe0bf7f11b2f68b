// Which files are not needed any more (org.apache.zookeeper.server.PurgeTxnLog, but counting only snapshots that could
// be loaded).
#pragma once

#include <string>
#include <vector>

#include "store/data_dirs.h"

namespace quoll::store {

inline constexpr int kPurgeRetainMin = 3;

// Keeps the newest `retain` (at least 3) snapshots that look whole, and every log that may hold a transaction after the
// oldest of them. Fewer whole ones than that: nothing goes. What recovery cut off a log goes with that log.
env::DiskResult<std::vector<std::string>> files_to_purge(const DataDirs& dirs, int retain);

}  // namespace quoll::store
