#include "store/purge.h"

#include <algorithm>

#include "store/file_names.h"
#include "store/log_cursor.h"
#include "store/snapshot_reader.h"

namespace quoll::store {

namespace {

// For an uncompressed file the end shows whether it was written completely. A compressed file must be read.
bool is_whole(env::Disk& disk, const StoreFile& file) {
  if (!seems_complete(disk, file)) return false;
  if (!file.name.ends_with(".gz") && !file.name.ends_with(".snappy")) return true;
  return check_snapshot(disk, file).has_value();
}

}  // namespace

env::DiskResult<std::vector<std::string>> files_to_purge(const DataDirs& dirs, int retain) {
  const int kept_min = std::max(kPurgeRetainMin, retain);
  const auto snapshots = dirs.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  const auto logs = dirs.logs();
  if (!logs) return std::unexpected(logs.error());
  std::vector<std::string> doomed;
  if (snapshots->size() < static_cast<std::size_t>(kept_min)) return doomed;
  int kept = 0;
  Zxid oldest_kept;
  for (const StoreFile& file : *snapshots) {
    if (kept == kept_min) {
      doomed.push_back(file.path);
    } else if (is_whole(dirs.disk(), file)) {
      ++kept;
      oldest_kept = file.zxid;
    }
  }
  if (kept < kept_min) return std::vector<std::string>{};
  const auto needed = logs_from(*logs, oldest_kept);
  const std::size_t unneeded = logs->size() - needed.size();
  for (std::size_t i = 0; i < unneeded; ++i) doomed.push_back((*logs)[i].path);
  const auto cuts = dirs.cuts();
  if (!cuts) return std::unexpected(cuts.error());
  for (const StoreFile& cut : *cuts) {
    if (cut.zxid < (needed.empty() ? oldest_kept.next() : needed.front().zxid)) doomed.push_back(cut.path);
  }
  return doomed;
}

}  // namespace quoll::store
