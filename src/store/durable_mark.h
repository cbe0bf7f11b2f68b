// quoll.durable is a file beside the log that records how far the log is on stable storage. It allows recovery to
// distinguish a torn tail, which was never acknowledged, from damage to acknowledged transactions. docs/formats/log.md
// describes its bytes.
//
// When it is written: LogWriter writes it after each fsync of the log and before any acknowledgement. Before it creates
// a log file it writes offset 0, so that recovery recognizes the file as ours. The mark is fsynced when a file begins
// and ends, after recovery, and at most a second after it was written. So it may lag behind the log but never be ahead
// of it: it is exact if only the process ended, and lags by up to a second after a power failure.
//
// After a crash: there are two records, written in turn, so that a torn write damages at most one. The file is created
// by a rename, so it is always complete. If neither record is complete, the file has been damaged and says nothing.
// That differs from a missing file, which is normal for a directory written by Apache's server.
//
// Used by the log's worker, and by recovery before the worker exists.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

struct DurableMark {
  Zxid log;                 // the file: the zxid in its name
  std::int64_t offset = 0;  // everything before this offset is durable
  Zxid last;                // the newest transaction before the offset, in this or an older file
  friend bool operator==(const DurableMark&, const DurableMark&) = default;
};

class DurableMarkFile {
 public:
  // If the file is missing, creates it durably with a first record that promises nothing.
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
    unreadable,  // neither record is complete
    good
  } kind = missing;
  DurableMark mark;  // valid if good
};

// The error is the disk's: the file exists but cannot be read.
env::DiskResult<KnownMark> read_durable_mark(env::Disk& disk, const std::string& log_dir);

}  // namespace quoll::store
