// Keeps a second name, or a copy, of every closed log and every snapshot in another directory, from which any state
// since then can be restored (quoll restore --at).
//
// A log is closed when a later one has begun. It is archived when all its transactions are committed: what no quorum
// has may yet be cut off, and then must not be in an archive. A file gets its name in the archive when it is complete
// and durable there. On the same file system that is a link; on another one a copy, which is compared with the
// original.
//
// All calls block: they run on a worker, beside the server's other work. The archive must exist: one that is not
// mounted must not be taken for an empty one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/data_dirs.h"

namespace quoll::store {

struct Archived {
  std::vector<std::string> names;       // what was added
  std::optional<env::DiskError> error;  // the rest has to wait
};

// Adds what the archive lacks, oldest first. `committed`: the newest transaction that is known to be.
Archived archive_files(const DataDirs& dirs, const std::string& archive, Zxid committed);

// A log or a snapshot; not what was cut off one.
bool belongs_into_archive(const std::string& path);
// Whether the archive holds the file at `path`, by name and size.
env::DiskResult<bool> is_archived(env::Disk& disk, const std::string& archive, const std::string& path);

}  // namespace quoll::store
