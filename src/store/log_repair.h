// Makes the changes to logs that are required before a server may continue after them: removes files without content
// and cuts off torn ends. Removed bytes are kept beside the log as log-<zxid>.cut-<time>, a name that Apache's server
// and its tools ignore. To restore them: `cat log-1.cut-... >> log.1`.
//
// A crash at any point leaves the log either unchanged, with or without the copy, or repaired with a complete and
// durable copy. The next start finds the same verdict or a clean end. The caller must hold the directory lock.
#pragma once

#include <span>

#include "store/data_dirs.h"
#include "store/log_cursor.h"

namespace quoll::store {

// `wall_ms` is used in the names of copies. Each change adds a line to `reports`. The error is the disk's.
env::DiskResult<void> repair_log(const DataDirs& dirs, std::span<const LogRepair> repairs, std::int64_t wall_ms,
                                 Reports& reports);

}  // namespace quoll::store
