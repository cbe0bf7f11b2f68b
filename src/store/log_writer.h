// Appends transactions to the log in batches: one write, one fdatasync, for all that has gathered since the last one
// began.
//
// Files: log.<zxid of its first transaction>, and quoll.durable beside it (durable_mark.h). A file of before a restart
// is never continued. A new file is begun when everything in the one before it is durable, so a crash can only tear the
// end of the newest file: behind its last fsynced entry it may hold any mixture of what was being written and zeros. A
// crash while a file is made leaves a name without entries, or none.
//
// Who calls: the loop, but for what it hands to the worker (Files), which alone touches the disk. The order of a flush
// is write, fdatasync, the directory's fsync for a new file, the durable mark, and then `done`: nothing is acknowledged
// before it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/disk.h"
#include "env/worker.h"
#include "store/durable_mark.h"
#include "store/options.h"
#include "types/ids.h"

namespace quoll::store {

struct FlushInfo {
  std::size_t records = 0;
  std::size_t bytes = 0;
  Zxid last;  // everything up to and including this is on stable storage
};

class LogWriter {
 public:
  // `log_dir` is the version-2 directory; the disk outlives the writer. `recovered` is the newest transaction that is
  // durable already. Nothing is opened before the first append.
  LogWriter(env::Disk& disk, std::string log_dir, const Options& options, Zxid recovered = Zxid{0});
  ~LogWriter();

  void append(Zxid zxid, std::string_view txn);
  // The next append starts a new file.
  void roll();
  [[nodiscard]] std::size_t waiting() const { return open_batch_.records; }
  // Bytes appended to the current file, flushed or not.
  [[nodiscard]] std::int64_t file_bytes() const { return file_bytes_; }

  using Done = std::move_only_function<void(std::expected<FlushInfo, env::DiskError>)>;
  // Writes all that was appended and makes it durable, data and directory, off the loop; then `done`. One flush at a
  // time. After an error nothing more may be appended or flushed: only a restart knows what the disk holds. The one
  // exception is a disk that was full: nothing is lost, and flush() tries the same again.
  void flush(env::Worker& worker, Done done);
  // Makes the durable mark itself durable, off the loop, if it has been written since that was done last.
  using MarkDone = std::move_only_function<void(std::expected<void, env::DiskError>)>;
  void sync_mark(env::Worker& worker, MarkDone done);
  // The last flush found no room.
  [[nodiscard]] bool is_stuck() const { return stuck_.has_value(); }

 private:
  // Entries for one file.
  struct Segment {
    Zxid name;
    bool is_new = false;
    Zxid last;
    std::string bytes;
    bool is_written = false;  // but not yet durable
  };
  struct Batch {
    std::vector<Segment> segments;
    std::size_t records = 0;
    Zxid last;
  };
  // What only the worker touches.
  class Files;

  void keep_spare(std::string buffer);

  Options options_;
  std::shared_ptr<Files> files_;
  Batch open_batch_;
  std::optional<Batch> stuck_;  // what the full disk has not taken
  std::string spare_;
  std::optional<Zxid> current_;  // name of the file that appends go to
  std::int64_t file_bytes_ = 0;
  bool flushing_ = false;
  bool failed_ = false;
};

}  // namespace quoll::store
