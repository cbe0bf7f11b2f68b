// Reads transactions back, file after file, and judges what stands in their place where there are no more. It changes
// nothing: what should be changed is a list of repairs, which log_repair carries out.
//
// Who uses it: recovery; whoever else needs a range of the history (a tool, a learner's synchronisation). Any thread,
// one at a time. It opens files for reading only, one after another, and holds one open.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "store/data_dirs.h"
#include "store/durable_mark.h"
#include "store/log_file.h"
#include "store/log_verdict.h"
#include "types/ids.h"

namespace quoll::store {

// History can't be trusted beyond a point.
struct Damage {
  std::string file;
  std::int64_t offset = 0;
  std::optional<Zxid> last_good;
  std::string text;  // for a person: all of the above, what is wrong, what to do
};

// What recovery changed or passed over, for the server's log.
using Reports = std::vector<std::string>;

// A change of a file that the history needs before the server may go on.
struct LogRepair {
  Verdict verdict = Verdict::cut;  // remove, set_aside or cut
  StoreFile file;
  std::int64_t offset = 0;                     // of a cut: where the last good entry ends
  std::string_view found;                      // what stands there, in words
  bool has_entries = false;                    // whole entries are among what is taken away
  std::optional<std::int64_t> durable_offset;  // the mark's, if it is of this file
  Zxid last;                                   // the newest transaction before it
};

class LogCursor {
 public:
  // `files`, oldest first, are those that may hold `from` and what follows.
  LogCursor(env::Disk& disk, std::vector<StoreFile> files, Zxid from, const KnownMark& mark);

  // The next transaction with a zxid >= `from`; nullopt: the end of history. The bytes are valid until the next call.
  std::expected<std::optional<LogEntry>, Damage> next();

  // The rest is complete when next() has returned nullopt.

  // In the order in which they must be made.
  [[nodiscard]] const std::vector<LogRepair>& repairs() const { return repairs_; }
  [[nodiscard]] const Reports& passed_over() const { return passed_over_; }
  // The newest file that holds history, where its last entry ends, and that entry's zxid.
  struct End {
    StoreFile file;
    std::int64_t offset = 0;
    Zxid last;
  };
  [[nodiscard]] const std::optional<End>& end() const { return end_; }
  // All that hold history, oldest first.
  [[nodiscard]] const std::vector<StoreFile>& files() const { return files_; }

  [[nodiscard]] std::int64_t bytes_read() const { return bytes_done_ + (current_ ? current_->offset() : 0); }
  [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Order { in_line, passed_over };
  std::expected<void, Damage> leave_out_newest_without_entries();
  std::expected<bool, Damage> leaves_out(const StoreFile& file);
  std::expected<bool, Damage> open_next();
  std::expected<void, Damage> end_of_file(EntryState state);
  std::expected<bool, Damage> goes_on_behind(Tail tail);
  std::expected<void, Damage> end_of_history() const;
  std::expected<Order, Damage> check_order(const TxnHeader& header, std::int64_t offset);
  std::expected<Tail, Damage> tail_of(const StoreFile& file, std::int64_t offset) const;
  [[nodiscard]] Promise promise_of(const StoreFile& file, std::int64_t end) const;
  [[nodiscard]] LogRepair repair_of(Verdict verdict, const StoreFile& file, std::int64_t offset,
                                    const LogEndFacts& facts, std::string_view found) const;
  // The newest transaction so far, of the files or of the state that reading began with.
  [[nodiscard]] Zxid last() const { return std::max(last_.value_or(before_), before_); }
  [[nodiscard]] bool is_newest() const { return next_file_ == files_.size(); }
  [[nodiscard]] const StoreFile& file() const { return files_[next_file_ - 1]; }
  [[nodiscard]] bool is_marked(const StoreFile& file) const {
    return mark_.kind == KnownMark::good && mark_.mark.log == file.zxid;
  }
  [[nodiscard]] std::string what_is_wrong(std::int64_t offset, const LogEndFacts& facts) const;
  [[nodiscard]] std::unexpected<Damage> refused(const StoreFile& file, std::int64_t offset,
                                                const LogEndFacts& facts) const;
  [[nodiscard]] std::unexpected<Damage> damaged(const StoreFile& file, std::int64_t offset,
                                                std::string_view what) const;
  [[nodiscard]] std::unexpected<Damage> unreadable(const env::DiskError& error) const;

  env::Disk& disk_;
  std::vector<StoreFile> files_;
  Zxid before_;  // everything up to this is in the state already
  KnownMark mark_;
  Reports passed_over_;
  std::vector<LogRepair> repairs_;
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
