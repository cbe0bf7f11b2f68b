// Appends transactions to the log in batches: one write and one fdatasync for all transactions that arrived since the
// previous batch began.
//
// Files: log.<zxid of its first transaction>, and quoll.durable beside it (durable_mark.h). A file from before a
// restart is never continued. A new file is begun when everything in the previous one is durable, so a crash can tear
// only the end of the newest file: after its last fsynced entry it may contain any mixture of the data being written
// and zeros. A crash while a file is created leaves an empty file, or none.
//
// Threads: the loop calls everything except Files, which the worker uses; only the worker accesses the disk. The order
// of a flush is: write, fdatasync, fsync of the directory for a new file, the durable mark, then `done`. Nothing is
// acknowledged before `done`.
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
  // `log_dir` is the version-2 directory; `disk` must outlive the writer. `recovered`: the newest transaction that is
  // already durable. No file is opened before the first append.
  LogWriter(env::Disk& disk, std::string log_dir, const Options& options, Zxid recovered = Zxid{0});
  ~LogWriter();

  void append(Zxid zxid, std::string_view txn);
  // Makes the next append start a new file.
  void roll();
  [[nodiscard]] std::size_t waiting() const { return open_batch_.records; }
  // Bytes appended to the current file, whether flushed or not.
  [[nodiscard]] std::int64_t file_bytes() const { return file_bytes_; }

  using Done = std::move_only_function<void(std::expected<FlushInfo, env::DiskError>)>;
  // Writes everything appended so far and makes it durable, file and directory, on the worker; then calls `done`. One
  // flush at a time. After an error no append or flush is allowed: only a restart can find out what is on disk. The
  // exception is a full disk: nothing is lost, and flush() retries.
  void flush(env::Worker& worker, Done done);
  // Fsyncs the durable mark on the worker, if it has been written since the last time.
  using MarkDone = std::move_only_function<void(std::expected<void, env::DiskError>)>;
  void sync_mark(env::Worker& worker, MarkDone done);
  // Closes the file on the worker; then others may change the files. There must be nothing to flush, and no other call
  // may be under way or follow.
  void close(env::Worker& worker, std::move_only_function<void()> done);
  // True if the last flush failed because the disk was full.
  [[nodiscard]] bool is_stuck() const { return stuck_.has_value(); }

 private:
  // Entries for one file.
  struct Segment {
    Zxid name;
    bool is_new = false;
    Zxid last;
    std::string bytes;
    bool is_written = false;  // written but not yet durable
  };
  struct Batch {
    std::vector<Segment> segments;
    std::size_t records = 0;
    Zxid last;
  };
  // State that only the worker accesses.
  class Files;

  void keep_spare(std::string buffer);

  Options options_;
  std::shared_ptr<Files> files_;
  Batch open_batch_;
  std::optional<Batch> stuck_;  // the batch that the full disk has not taken
  std::string spare_;
  std::optional<Zxid> current_;  // zxid in the name of the file that receives appends
  std::int64_t file_bytes_ = 0;
  bool flushing_ = false;
  bool failed_ = false;
};

}  // namespace quoll::store
