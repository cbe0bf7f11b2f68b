// Computes which zxid would survive a power failure at this moment.
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

  // The newest zxid on stable storage in a file whose name is durable, too: in a log, or as the zxid of a snapshot.
  std::int64_t last();
  // Call after the disk may have lost content.
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
