// Makes the changes that a log needs before a server may go on behind it: files that hold nothing are removed, and a
// torn end is cut off. What is taken away stands beside the log afterwards, in log-<zxid>.cut-<time>: a name that
// Apache's server and its tools pass over. Putting it back is `cat log-1.cut-... >> log.1`.
//
// A crash at any point leaves the log as it was, with or without the copy, or mended with the copy complete and
// durable; the next start finds the same verdict or a clean end. The caller has the directory for itself.
#pragma once

#include <span>

#include "store/data_dirs.h"
#include "store/log_cursor.h"

namespace quoll::store {

// `wall_ms` names the copies. A line for each change is added to `reports`. The error is the disk's.
env::DiskResult<void> repair_log(const DataDirs& dirs, std::span<const LogRepair> repairs, std::int64_t wall_ms,
                                 Reports& reports);

}  // namespace quoll::store
