// An advisory lock on a file by the best means that its file system has.
#pragma once

#include <string>

#include "env/disk.h"

namespace quoll::os {

// Makes the file if it is missing. Tries flock, then an open file description lock, then a POSIX record lock: some
// network and desktop file systems have no flock. EWOULDBLOCK: another process holds it. EOPNOTSUPP: the file system
// has no lock of any kind.
env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock_file(const std::string& path);

}  // namespace quoll::os
