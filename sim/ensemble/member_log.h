// The transactions that a member has on stable storage: in logs, and by its newest snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/disk.h"

namespace quoll::sim {

class MemberLog {
 public:
  MemberLog(const MemoryDisk& disk, std::string log_directory, std::string snapshot_directory)
      : disk_(disk), log_directory_(std::move(log_directory)), snapshot_directory_(std::move(snapshot_directory)) {}

  // Reads what has been added.
  void refresh();
  // Reads everything again: the disk has lost something, or a file has been cut.
  void forget();

  // As of the last refresh().
  [[nodiscard]] const std::map<std::int64_t, std::string>& entries() const { return entries_; }
  [[nodiscard]] bool has(std::int64_t zxid) const { return entries_.contains(zxid) || snapshot_ >= zxid; }
  // The newest zxid in a log or of a snapshot.
  [[nodiscard]] std::int64_t last() const;

 private:
  const MemoryDisk& disk_;
  std::string log_directory_;
  std::string snapshot_directory_;
  std::map<std::string, std::size_t> read_;  // how far each log has been read
  std::map<std::int64_t, std::string> entries_;
  std::int64_t snapshot_ = 0;
};

}  // namespace quoll::sim
