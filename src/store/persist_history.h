// Makes the recovered history durable. What recovery has read may be in the page cache only: a killed process left it
// there, or an fsync failed and Linux treats the pages as clean. Data in doubt is written again, and everything is
// fsynced before the history is used.
//
// A crash leaves the log as it was read. The durable mark is written last, when everything before it is durable.
#pragma once

#include <expected>
#include <optional>

#include "store/durable_mark.h"
#include "store/log_cursor.h"

namespace quoll::store {

// `history` has been read to its end and its repairs have been made. `snapshot`: the file on which the history is
// based, if any. `mark`: what was known to be durable before. The error is the disk's.
env::DiskResult<void> persist_history(const DataDirs& dirs, const LogCursor& history,
                                      const std::optional<StoreFile>& snapshot, const KnownMark& mark);

}  // namespace quoll::store
