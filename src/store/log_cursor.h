// Reads transactions, file after file, and decides what to do where the entries of a file end. It changes nothing:
// necessary changes are returned as a list of repairs for log_repair.
//
// Users: recovery, and whoever needs a range of the history (a tool, the synchronization of a learner). Any thread, but
// one at a time. Files are opened read-only, one at a time.
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

// The history cannot be trusted beyond a point.
struct Damage {
  std::string file;
  std::int64_t offset = 0;
  std::optional<Zxid> last_good;
  std::string text;  // for people: all of the above, what is wrong, what to do
};

// What recovery changed or ignored, for the server's log.
using Reports = std::vector<std::string>;

// A change to a file that is required before the server may continue.
struct LogRepair {
  Verdict verdict = Verdict::cut;  // remove, set_aside or cut
  StoreFile file;
  std::int64_t offset = 0;                     // for cut: the end of the last good entry
  std::string_view found;                      // description of what is at the offset
  bool has_entries = false;                    // whether the removed bytes contain complete entries
  std::optional<std::int64_t> durable_offset;  // the durable mark's offset, if the mark is of this file
  Zxid last;                                   // the newest transaction before the offset
};

class LogCursor {
 public:
  // `files`: the files that may contain `from` and later transactions, oldest first.
  LogCursor(env::Disk& disk, std::vector<StoreFile> files, Zxid from, const KnownMark& mark);

  // The next transaction with a zxid >= `from`; nullopt at the end of the history. The bytes are valid until the next
  // call.
  std::expected<std::optional<LogEntry>, Damage> next();

  // Where the transaction that next() has returned begins. Valid after it has returned one.
  [[nodiscard]] const StoreFile& file() const { return files_[next_file_ - 1]; }
  [[nodiscard]] std::int64_t entry_offset() const { return entry_offset_; }

  // The following are complete when next() has returned nullopt.

  // To be made in this order.
  [[nodiscard]] const std::vector<LogRepair>& repairs() const { return repairs_; }
  [[nodiscard]] const Reports& ignored() const { return ignored_; }
  // The newest file of the history, the end of its last entry, and that entry's zxid.
  struct End {
    StoreFile file;
    std::int64_t offset = 0;
    Zxid last;
  };
  [[nodiscard]] const std::optional<End>& end() const { return end_; }
  // All files of the history, oldest first.
  [[nodiscard]] const std::vector<StoreFile>& files() const { return files_; }

  [[nodiscard]] std::int64_t bytes_read() const { return bytes_done_ + (current_ ? current_->offset() : 0); }
  [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Order { in_line, ignored };
  std::expected<void, Damage> leave_out_newest_without_entries();
  std::expected<bool, Damage> leaves_out(const StoreFile& file);
  std::expected<bool, Damage> open_next();
  std::expected<void, Damage> end_of_file(EntryState state);
  std::expected<bool, Damage> continues_after(Tail tail);
  std::expected<void, Damage> end_of_history() const;
  std::expected<Order, Damage> check_order(const TxnHeader& header, std::int64_t offset);
  std::expected<Tail, Damage> tail_of(const StoreFile& file, std::int64_t offset) const;
  [[nodiscard]] Promise promise_of(const StoreFile& file, std::int64_t end) const;
  [[nodiscard]] LogRepair repair_of(Verdict verdict, const StoreFile& file, std::int64_t offset,
                                    const LogEndFacts& facts, std::string_view found) const;
  // The newest transaction so far, from the files or the loaded state.
  [[nodiscard]] Zxid last() const { return std::max(last_.value_or(before_), before_); }
  [[nodiscard]] bool is_newest() const { return next_file_ == files_.size(); }
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
  Zxid before_;  // the loaded state includes everything up to this
  KnownMark mark_;
  Reports ignored_;
  std::vector<LogRepair> repairs_;
  bool prepared_ = false;
  std::size_t next_file_ = 0;
  std::optional<LogFile> current_;
  std::optional<Zxid> last_;  // the newest one in the files
  std::optional<End> end_;
  bool is_first_entry_ = true;
  std::int64_t entry_offset_ = 0;
  std::int64_t bytes_done_ = 0;
  std::int64_t bytes_total_ = 0;
};

// Returns the newest log that starts at or before `start`, and all later ones: those that may contain `start` and later
// transactions. `logs` is sorted, oldest first.
std::vector<StoreFile> logs_from(std::vector<StoreFile> logs, Zxid start);

}  // namespace quoll::store
