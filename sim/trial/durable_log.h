// How far a power cut now would let history go.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/disk.h"
#include "sim/trial/log_book.h"

namespace quoll::sim {

class DurableLog {
 public:
  DurableLog(const MemoryDisk& disk, std::string log_directory, std::string snapshot_directory)
      : disk_(disk), log_directory_(std::move(log_directory)), snapshot_directory_(std::move(snapshot_directory)) {}

  // The newest zxid that is on stable storage under a name that is: in a log, or by a snapshot.
  std::int64_t last();
  // The disk may hold other things than before.
  void forget() { read_.clear(); }

 private:
  struct Read {
    std::size_t bytes = kEntriesAt;
    std::int64_t last = 0;
  };
  const MemoryDisk& disk_;
  std::string log_directory_;
  std::string snapshot_directory_;
  std::map<std::string, Read> read_;  // logs only grow
};

}  // namespace quoll::sim
