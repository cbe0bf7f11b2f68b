// Reads transactions back, file after file, and tells a torn tail from damage.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/byte_source.h"
#include "store/data_dirs.h"
#include "store/durable_mark.h"
#include "types/ids.h"
#include "types/txn.h"

namespace quoll::store {

struct LogEntry {
  TxnHeader header;
  std::string_view bytes;  // header, body, digest; valid until the next call
};

// The history can't be trusted beyond a point. `text` is for a person: file, offset, zxid, what to do.
struct Damage {
  std::string text;
};

// What recovery changed or passed over, for the log of people.
using Reports = std::vector<std::string>;

class LogReader {
 public:
  // `files`, oldest first, are those that may hold `from` and what follows; `mark` says how far the log is known to be durable.
  LogReader(env::Disk& disk, std::vector<StoreFile> files, Zxid from, std::optional<DurableMark> mark, Reports& reports);

  // The next transaction with a zxid >= from; nullopt: the end of history. A torn tail is cut off the file and reported.
  std::expected<std::optional<LogEntry>, Damage> next();
  // Where a torn or clean tail ended, for making it durable.
  [[nodiscard]] const StoreFile* newest() const { return files_.empty() ? nullptr : &files_.back(); }
  [[nodiscard]] std::int64_t bytes_read() const { return bytes_done_ + (source_ ? source_->position() : 0); }
  [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Found { entry, end };
  std::expected<bool, Damage> open_next();
  std::expected<Found, Damage> read_entry(LogEntry& entry);
  std::expected<Found, Damage> bad_entry(std::int64_t offset, std::string_view what);
  std::expected<Found, Damage> padding(std::int64_t offset);
  std::expected<void, Damage> check_order(const TxnHeader& header, std::int64_t offset, bool& skip);
  std::expected<Found, Damage> cut(std::int64_t offset, std::string_view what);
  [[nodiscard]] bool is_newest() const { return next_file_ == files_.size(); }
  [[nodiscard]] const StoreFile& file() const { return files_[next_file_ - 1]; }
  [[nodiscard]] Damage damage(std::int64_t offset, std::string_view what) const;
  [[nodiscard]] bool valid_entry_follows(std::int64_t offset) const;
  [[nodiscard]] Damage unreadable(const env::DiskError& error) const { return Damage{error.text + ". Nothing was changed"}; }

  env::Disk& disk_;
  std::vector<StoreFile> files_;
  Zxid from_;
  std::optional<DurableMark> mark_;
  Reports& reports_;
  std::size_t next_file_ = 0;
  std::unique_ptr<BufferedSource> source_;
  std::size_t entry_bytes_ = 0;  // of the entry handed out last
  std::optional<std::int64_t> last_zxid_;
  std::int64_t bytes_done_ = 0;
  std::int64_t bytes_total_ = 0;
};

// Of all logs, those that hold zxids above `after`: the newest that starts at or before after + 1, and every later one.
std::vector<StoreFile> logs_after(std::vector<StoreFile> logs, Zxid after);

}  // namespace quoll::store
