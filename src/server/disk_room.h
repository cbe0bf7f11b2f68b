// How much room the disks have, asked every second: below the low water no snapshots are taken, and below the reserve
// no writes are accepted, while reads, pings and the sessions that exist go on. With room again all goes on by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/core.h"
#include "server/journal.h"
#include "store/data_dirs.h"

namespace quoll::server {

class DiskRoom {
 public:
  DiskRoom(Core& core, const store::DataDirs& dirs, const Journal& journal);

  // Asks at once, on the loop; then every second, off the loop. Does nothing when store::Options::waits_for_room is
  // off.
  void start();
  // So much has been given to the log: a look is due early when it may have used up the reserve.
  void on_append(std::size_t bytes);
  // A log write has found no room: no need to wait for the next look.
  void on_no_room(const env::DiskError& error);

 private:
  struct Look {
    env::DiskResult<env::DiskSpace> log;
    env::DiskResult<env::DiskSpace> snapshots;
  };
  static Look look(const store::DataDirs& dirs);
  void judge(const Look& look);
  void look_later();
  void look_now();

  Core& core_;
  const store::DataDirs& dirs_;
  const Journal& journal_;
  bool looking_ = false;
  std::int64_t appended_bytes_ = 0;  // since the last look
  std::int64_t look_bytes_ = INT64_MAX;
  std::unique_ptr<env::Timer> timer_;
  std::unique_ptr<env::Worker> worker_;  // goes first: its jobs use what stands above
};

}  // namespace quoll::server
