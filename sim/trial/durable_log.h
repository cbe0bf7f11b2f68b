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
  DurableLog(const MemoryDisk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}

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
  std::string directory_;
  std::map<std::string, Read> read_;  // logs only grow
};

}  // namespace quoll::sim
