#include "store/purge.h"

#include <algorithm>

#include "store/log_reader.h"
#include "store/snapshot_reader.h"

namespace quoll::store {

env::DiskResult<std::vector<std::string>> files_to_purge(const DataDirs& dirs, int retain) {
  constexpr int kRetainMin = 3;
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error());
  std::vector<std::string> doomed;
  int kept = 0;
  Zxid oldest_kept;
  for (const StoreFile& file : *snapshots) {
    if (kept >= std::max(kRetainMin, retain)) {
      doomed.push_back(file.path);
    } else if (looks_whole(dirs.disk(), file)) {
      ++kept;
      oldest_kept = file.zxid;
    }
  }
  if (doomed.empty()) return doomed;
  const auto needed = logs_after(*logs, oldest_kept);
  for (const StoreFile& file : *logs) {
    const bool is_needed = std::any_of(needed.begin(), needed.end(), [&](const StoreFile& other) { return other.path == file.path; });
    if (!is_needed) doomed.push_back(file.path);
  }
  return doomed;
}

}  // namespace quoll::store
