// The history from the log files, collected before they are purged: one transaction for each zxid. A settled
// transaction must never change.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/disk.h"

namespace quoll::sim {

// Where a log's entries begin.
inline constexpr std::size_t kEntriesAt = 16;
// Reads entries from offset `at` to the last complete one; returns where that ends.
std::size_t read_entries(std::string_view bytes, std::size_t at,
                         const std::function<void(std::int64_t zxid, std::string_view txn)>& visit);

class LogBook {
 public:
  // Adds the entries of one file.
  void take_file(std::string_view bytes);
  void add(std::int64_t zxid, std::string_view txn) { entries_[zxid] = txn; }
  void take_directory(MemoryDisk& disk, const std::string& directory);
  // A server has recovered up to here: later entries are not part of the history, earlier ones are permanent.
  void settle(std::int64_t zxid);

  [[nodiscard]] const std::map<std::int64_t, std::string>& entries() const { return entries_; }
  [[nodiscard]] std::int64_t last() const { return entries_.empty() ? 0 : entries_.rbegin()->first; }
  std::vector<std::string> findings;

 private:
  std::map<std::int64_t, std::string> entries_;
  std::int64_t settled_ = 0;
};

// The zxids in the names of the files that begin with `prefix`, in order.
std::vector<std::int64_t> zxids_of_files(MemoryDisk& disk, const std::string& directory, std::string_view prefix);

}  // namespace quoll::sim
