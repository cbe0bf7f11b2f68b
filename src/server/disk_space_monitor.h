// Checks the free space of the disks every second. Below the low-water mark no snapshots are taken. Below the reserve
// no writes are accepted, but reads, pings and existing sessions continue. When there is space again, everything
// resumes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/core.h"
#include "server/journal.h"
#include "store/data_dirs.h"

namespace quoll::server {

class DiskSpaceMonitor {
 public:
  DiskSpaceMonitor(Core& core, const store::DataDirs& dirs, const Journal& journal);

  // Checks immediately, on the loop, then every second in a worker. Does nothing if store::Options::waits_for_space is
  // false.
  void start();
  // `bytes` have been appended to the log. Checks early if they may have used up the reserve.
  void on_append(std::size_t bytes);
  // A write to the log failed because the disk was full. Does not wait for the next check.
  void on_disk_full(const env::DiskError& error);

 private:
  struct Measurement {
    env::DiskResult<env::DiskSpace> log;
    env::DiskResult<env::DiskSpace> snapshots;
  };
  static Measurement measure(const store::DataDirs& dirs);
  void update(const Measurement& measure);
  void check_later();
  void check_now();

  Core& core_;
  const store::DataDirs& dirs_;
  const Journal& journal_;
  bool checking_ = false;
  std::int64_t appended_bytes_ = 0;  // since the last check
  std::int64_t check_bytes_ = INT64_MAX;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<env::Worker> worker_;  // destroyed first, because its jobs use the members above
};

}  // namespace quoll::server
