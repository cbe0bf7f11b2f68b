// Brings closed logs and snapshots into quoll.archiveDir (store/archive.h), in a thread of its own. An archive that is
// full, or is not there, delays nothing: a warning says so, it is tried again, and what is not archived is not purged.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "env/posted_call.h"
#include "server/core.h"
#include "store/data_dirs.h"

namespace quoll::server {

class Archiver {
 public:
  static constexpr std::int64_t kIntervalMs = 10'000;
  // Between two warnings that say the same.
  static constexpr std::int64_t kWarningMs = 600'000;

  // Begins at once. options.snapshots.archive_dir is set; `dirs` must outlive it.
  Archiver(const Core& core, const store::DataDirs& dirs);

 private:
  void look();

  const Core& core_;
  const store::DataDirs& dirs_;
  std::string last_error_;
  std::int64_t warned_ms_ = 0;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<env::Worker> worker_;  // destroyed first, because its jobs use the members above
};

}  // namespace quoll::server
