// Reads one transaction log from front to back: each entry, or why there is no entry where one should be. log_verdict.h
// decides what that means for the history.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "store/byte_source.h"
#include "store/data_dirs.h"
#include "types/txn.h"

namespace quoll::store {

struct LogEntry {
  TxnHeader header;
  std::string_view bytes;  // header, body, digest; valid until the next call
};

enum class HeaderState {
  good,
  torn,     // shorter than a header, or all zeros
  foreign,  // not the header of a log, or of an unknown version
};

enum class EntryState {
  whole,
  end_of_file,
  zeros,        // as in padding; entries may follow
  truncated,    // the file ends inside the entry
  bad_length,   // negative or zero
  no_end_mark,  // as left by an incomplete write inside padding
  bad_checksum,
  no_txn,  // valid bytes, but too few for a transaction's header
};
std::string_view text_of(EntryState state);

class LogFile {
 public:
  static env::DiskResult<LogFile> open(env::Disk& disk, const StoreFile& file);

  [[nodiscard]] HeaderState header() const { return header_; }
  [[nodiscard]] env::DiskResult<EntryState> next(LogEntry& entry);
  // The offset of the next entry; after a state other than `whole`, the offset of the bad entry.
  [[nodiscard]] std::int64_t offset() const { return source_->position() + static_cast<std::int64_t>(entry_bytes_); }

 private:
  LogFile(std::unique_ptr<BufferedSource> source, std::int64_t bytes)
      : source_(std::move(source)), file_bytes_(bytes) {}
  [[nodiscard]] EntryState whole(std::string_view bytes, LogEntry& entry);

  std::unique_ptr<BufferedSource> source_;
  std::int64_t file_bytes_;
  HeaderState header_ = HeaderState::torn;
  std::size_t entry_bytes_ = 0;  // of the entry handed out last
};

struct TailContent {
  bool has_bytes = false;  // something other than zeros
  bool has_entry = false;  // a whole entry
};
// What a file contains from an offset on where no good entry starts.
env::DiskResult<TailContent> scan_tail(env::Disk& disk, const std::string& path, std::int64_t offset);

}  // namespace quoll::store
