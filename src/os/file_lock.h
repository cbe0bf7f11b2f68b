// An advisory lock on a file, with the best method that the file system supports.
#pragma once

#include <string>

#include "env/disk.h"

namespace quoll::os {

// Creates the file if it is missing. Tries flock, then an open file description lock, then a POSIX record lock, because
// some network and desktop file systems have no flock. EWOULDBLOCK: another process holds the lock. EOPNOTSUPP: the
// file system supports no locks.
env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock_file(const std::string& path);

}  // namespace quoll::os
