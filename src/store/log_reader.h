// Reads transactions back, file after file, and judges what it finds in their place: the clean end of history, a torn
// tail that nobody was promised, or damage.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "store/data_dirs.h"
#include "store/durable_mark.h"
#include "store/log_file.h"
#include "types/ids.h"

namespace quoll::store {

// History can't be trusted beyond a point.
struct Damage {
  std::string file;
  std::int64_t offset = 0;
  std::optional<Zxid> last_good;
  std::string text;  // for a person: all of the above, what is wrong, what to do
};

// What recovery changed or passed over, for the log of people.
using Reports = std::vector<std::string>;

class LogReader {
 public:
  // `files`, oldest first, are those that may hold `from` and what follows; `mark` says how far the log is known to be
  // durable.
  LogReader(env::Disk& disk, std::vector<StoreFile> files, Zxid from, std::optional<DurableMark> mark,
            Reports& reports);

  // The next transaction with a zxid >= `from`; nullopt: the end of history. Newest files that hold nothing are
  // removed, and a torn tail is cut off; both are reported.
  std::expected<std::optional<LogEntry>, Damage> next();

  // At the end of history: the newest file, where its last entry ends, and that entry's zxid.
  struct End {
    StoreFile file;
    std::int64_t offset = 0;
    Zxid last;
  };
  [[nodiscard]] const std::optional<End>& end() const { return end_; }
  [[nodiscard]] std::int64_t bytes_read() const { return bytes_done_ + (current_ ? current_->offset() : 0); }
  [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Order { in_line, passed_over };
  std::expected<void, Damage> drop_newest_without_entries();
  std::expected<bool, Damage> holds_nothing(const StoreFile& file);
  std::expected<bool, Damage> open_next();
  std::expected<void, Damage> end_of_file(EntryState state);
  std::expected<bool, Damage> is_harmless(const Behind& behind);
  std::expected<void, Damage> cut(std::int64_t offset, EntryState state);
  std::expected<void, Damage> end_of_history();
  std::expected<Order, Damage> check_order(const TxnHeader& header, std::int64_t offset);
  // The newest transaction so far, of the files or of the state that reading began with.
  [[nodiscard]] Zxid last() const { return std::max(last_.value_or(before_), before_); }
  [[nodiscard]] bool is_newest() const { return next_file_ == files_.size(); }
  [[nodiscard]] const StoreFile& file() const { return files_[next_file_ - 1]; }
  [[nodiscard]] bool is_marked(const StoreFile& file) const { return mark_ && mark_->log == file.zxid; }
  [[nodiscard]] std::unexpected<Damage> damaged(const StoreFile& file, std::int64_t offset,
                                                std::string_view what) const;
  [[nodiscard]] std::unexpected<Damage> unreadable(const env::DiskError& error) const;

  env::Disk& disk_;
  std::vector<StoreFile> files_;
  Zxid before_;  // everything up to this is in the state already
  std::optional<DurableMark> mark_;
  Reports& reports_;
  bool prepared_ = false;
  std::size_t next_file_ = 0;
  std::optional<LogFile> current_;
  std::optional<Zxid> last_;  // newest in the files
  std::optional<End> end_;
  bool is_first_entry_ = true;
  std::int64_t bytes_done_ = 0;
  std::int64_t bytes_total_ = 0;
};

// Of all logs, oldest first, the newest that starts at or before `start`, and every later one: those that may hold
// `start` and more.
std::vector<StoreFile> logs_from(std::vector<StoreFile> logs, Zxid start);

}  // namespace quoll::store
