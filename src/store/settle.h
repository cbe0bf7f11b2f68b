// What recovery has read may be in the page cache only, if a killed process left it there. Before anybody hears of it,
// it is made durable.
#pragma once

#include <expected>
#include <optional>

#include "store/durable_mark.h"
#include "store/log_reader.h"

namespace quoll::store {

// `end` is where the log's history ends, if there is a log; `mark` is what was known to be durable before. The error is
// the disk's.
env::DiskResult<void> settle(const DataDirs& dirs, const std::optional<LogReader::End>& end,
                             const std::optional<DurableMark>& mark);

}  // namespace quoll::store
