// quoll.durable, a file beside the log, says how far the log was on stable storage. Recovery tells by it a torn tail,
// which was never acknowledged, from damage to what was acknowledged. docs/formats/log.md has the bytes.
//
// When: LogWriter writes it after each fsync of the log and before any acknowledgement, and with offset 0 before it
// makes a file, so that recovery knows the file as ours before it holds anything. It is fsynced when a file begins,
// when one ends, when the server has recovered, and at least a second after each write of it. So it may be behind the
// truth, never ahead of it: by nothing if only the process died, by a second if the power failed.
//
// A crash: there are two records, written in turn, and a torn write spoils one at most. The file itself appears whole,
// by a rename. So a file of which neither record is whole was damaged, and says nothing; that is not the same as no
// file, which is how Apache's server leaves a directory.
//
// Who calls: the worker of the log, and recovery before there is one.
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

class DurableMarkFile {
 public:
  // Made, durable, and with a first record that promises nothing, if it is missing.
  static env::DiskResult<DurableMarkFile> open(env::Disk& disk, const std::string& log_dir);
  [[nodiscard]] env::DiskResult<void> write(const DurableMark& mark);
  [[nodiscard]] env::DiskResult<void> sync() { return file_->sync(); }

 private:
  explicit DurableMarkFile(std::unique_ptr<env::File> file) : file_(std::move(file)) {}
  std::unique_ptr<env::File> file_;
  std::uint64_t sequence_ = 0;
};

struct KnownMark {
  enum Kind {
    missing,
    unreadable,  // neither record is whole
    good
  } kind = missing;
  DurableMark mark;  // of a good one
};

// The error is the disk's: the file is there and can't be read.
env::DiskResult<KnownMark> read_durable_mark(env::Disk& disk, const std::string& log_dir);

}  // namespace quoll::store
