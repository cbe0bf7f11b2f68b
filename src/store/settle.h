// What recovery has read may be in the page cache only: a killed process left it there, or an fsync failed and Linux
// calls the pages clean all the same. Before anybody hears of it, it is written again where that is in doubt, and made
// durable.
//
// A crash leaves the log as it was read; the durable mark moves on last, when everything before it is durable.
#pragma once

#include <expected>
#include <optional>

#include "store/durable_mark.h"
#include "store/log_cursor.h"

namespace quoll::store {

// `history` has been read to its end and its repairs are made; `snapshot` is the file that it goes on from, if any;
// `mark` is what was known to be durable before. The error is the disk's.
env::DiskResult<void> settle(const DataDirs& dirs, const LogCursor& history, const std::optional<StoreFile>& snapshot,
                             const KnownMark& mark);

}  // namespace quoll::store
