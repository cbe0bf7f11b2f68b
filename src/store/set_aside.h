// Keeps what is taken out of the history, under names that no server takes for a log or a snapshot: an operator can
// bring it back, and purge removes it when every snapshot that is kept is newer.
#pragma once

#include <string>

#include "store/data_dirs.h"

namespace quoll::store {

// Renames a log or a snapshot; returns its new path. The directory is not synced.
env::DiskResult<std::string> set_aside(const DataDirs& dirs, const StoreFile& file, std::int64_t wall_ms);

// Copies the bytes of a log from `offset` on, without the padding, to a file of their own, and makes that durable. A
// full disk is no error: then nothing is kept.
struct KeptTail {
  std::int64_t bytes = 0;
  std::string path;  // empty: the disk had no space
};
env::DiskResult<KeptTail> keep_tail(const DataDirs& dirs, const StoreFile& log, std::int64_t offset,
                                    std::int64_t wall_ms);

}  // namespace quoll::store
