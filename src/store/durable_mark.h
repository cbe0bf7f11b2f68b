// A note beside the log of how far it was on stable storage, so that recovery can tell a torn tail, which nobody was
// promised, from damage to what was acknowledged. It is written after each fsync and before any acknowledgement, and is
// fsynced only when a file begins and when one ends: it may be behind the truth, never ahead of it. A file that we are
// about to make is announced with offset 0, so that recovery knows it as ours before it holds anything.
// docs/formats/log.md has the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

struct DurableMark {
  Zxid log;                 // which file: the zxid of its name
  std::int64_t offset = 0;  // everything before this offset is durable
  Zxid last;                // newest transaction before it, in this file or an older one
  friend bool operator==(const DurableMark&, const DurableMark&) = default;
};

// Two slots written in turn: a torn write spoils one at most.
class DurableMarkFile {
 public:
  // Made, with its name durable, if it is missing.
  static env::DiskResult<DurableMarkFile> open(env::Disk& disk, const std::string& log_dir);
  [[nodiscard]] env::DiskResult<void> write(const DurableMark& mark);
  [[nodiscard]] env::DiskResult<void> sync() { return file_->sync(); }

 private:
  explicit DurableMarkFile(std::unique_ptr<env::File> file) : file_(std::move(file)) {}
  std::unique_ptr<env::File> file_;
  std::uint64_t sequence_ = 0;
};

// nullopt: there is none, or neither slot is whole.
std::optional<DurableMark> read_durable_mark(env::Disk& disk, const std::string& log_dir);

}  // namespace quoll::store
