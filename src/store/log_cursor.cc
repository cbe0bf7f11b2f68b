#include "store/log_cursor.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/log_format.h"

namespace quoll::store {

namespace {

constexpr std::string_view kNoHeader = "the file header is missing or not a log's";

}  // namespace

std::vector<StoreFile> logs_from(std::vector<StoreFile> logs, Zxid start) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (logs[i].zxid <= start) first = i;
  }
  logs.erase(logs.begin(), logs.begin() + static_cast<std::ptrdiff_t>(first));
  return logs;
}

LogCursor::LogCursor(env::Disk& disk, std::vector<StoreFile> files, Zxid from, const KnownMark& mark)
    : disk_(disk), files_(std::move(files)), before_(from.previous()), mark_(mark) {
  for (const StoreFile& file : files_) bytes_total_ += file.bytes;
}

std::unexpected<Damage> LogCursor::damaged(const StoreFile& file, std::int64_t offset, std::string_view what) const {
  return std::unexpected(Damage{
      file.path, offset, last(),
      fmt::format("The transaction log {} is damaged at offset {}: {}. The last good transaction is 0x{:x}. What "
                  "is missing may have been acknowledged to clients, so the server does not start, "
                  "and it has changed nothing. Make sure that no other server uses the directory, and copy the "
                  "data directories before you do anything else. Then restore the file from a backup, or, in an "
                  "ensemble, start this server without data: it copies them from the others. If the loss is "
                  "acceptable, move this log and the later ones out of the directory, with {}, and start again",
                  file.path, offset, what, hex(last()), kDurableName)});
}

std::string LogCursor::what_is_wrong(std::int64_t offset, const LogEndFacts& facts) const {
  if (facts.header != HeaderState::good) return std::string(kNoHeader);
  const std::string_view found = text_of(facts.state);
  if (facts.promise == Promise::broken)
    return fmt::format("{} where {} bytes of transactions up to 0x{:x} were on stable storage", found,
                       mark_.mark.offset - offset, hex(mark_.mark.last));
  if (facts.place == Place::older) return fmt::format("{}, though later files follow", found);
  return fmt::format("{}{}", found, facts.tail == Tail::entries ? ", with good entries after it" : "");
}

std::unexpected<Damage> LogCursor::refused(const StoreFile& file, std::int64_t offset, const LogEndFacts& facts) const {
  const std::string what = what_is_wrong(offset, facts);
  if (facts.promise != Promise::unreadable || facts.place == Place::older) return damaged(file, offset, what);
  return std::unexpected(Damage{
      file.path, offset, last(),
      fmt::format(
          "{0} cannot be read: neither of its two records is complete. Without it, it is unknown how far the "
          "transaction log was acknowledged, so the end of {1} is not cut off ({2} at offset {3}, after "
          "transaction 0x{4:x}), and nothing was changed. Copy the data directories before you do "
          "anything else, and restore {0} from a backup if there is one. If the bytes after that "
          "offset are not needed, remove {0} and start again: the log is then treated like one of Apache's server",
          kDurableName, file.path, what, offset, hex(last()))});
}

std::unexpected<Damage> LogCursor::unreadable(const env::DiskError& error) const {
  return std::unexpected(
      Damage{{},
             0,
             last(),
             fmt::format("{}. Nothing was changed; repair the disk or its permissions and start again", error.text)});
}

Promise LogCursor::promise_of(const StoreFile& file, std::int64_t end) const {
  if (mark_.kind == KnownMark::unreadable) return Promise::unreadable;
  if (!is_marked(file)) return Promise::unknown;
  return end < mark_.mark.offset ? Promise::broken : Promise::kept;
}

std::expected<Tail, Damage> LogCursor::tail_of(const StoreFile& file, std::int64_t offset) const {
  const auto tail = scan_tail(disk_, file.path, offset);
  if (!tail) return unreadable(tail.error());
  return tail->has_entry ? Tail::entries : tail->has_bytes ? Tail::bytes : Tail::zeros;
}

LogRepair LogCursor::repair_of(Verdict verdict, const StoreFile& file, std::int64_t offset, const LogEndFacts& facts,
                               std::string_view found) const {
  LogRepair repair{verdict, file, offset, found, facts.tail == Tail::entries, std::nullopt, last()};
  if (is_marked(file)) repair.durable_offset = mark_.mark.offset;
  return repair;
}

// Such a file was being created when the server stopped. If it stayed, it would always sort after later files with
// lower zxids.
std::expected<void, Damage> LogCursor::leave_out_newest_without_entries() {
  while (!files_.empty()) {
    const auto left_out = leaves_out(files_.back());
    if (!left_out) return std::unexpected(left_out.error());
    if (!*left_out) return {};
    files_.pop_back();
  }
  return {};
}

std::expected<bool, Damage> LogCursor::leaves_out(const StoreFile& file) {
  auto log = LogFile::open(disk_, file);
  if (!log) return unreadable(log.error());
  LogEndFacts facts;
  facts.header = log->header();
  if (facts.header == HeaderState::good) {
    LogEntry entry;
    const auto state = log->next(entry);
    if (!state) return unreadable(state.error());
    if (*state == EntryState::whole) return false;
    facts.state = *state;
  }
  const std::int64_t end = log->offset();
  facts.promise = promise_of(file, std::max(end, static_cast<std::int64_t>(kLogHeaderBytes)));
  // A partial header lost no transaction by itself; an entry may follow it directly.
  const bool is_torn = facts.header == HeaderState::torn;
  const auto tail = tail_of(file, is_torn ? static_cast<std::int64_t>(kLogHeaderBytes) - 1 : end);
  if (!tail) return std::unexpected(tail.error());
  facts.tail = *tail;
  const Verdict verdict = judge_log_end(facts).verdict;
  const std::string_view found = facts.header == HeaderState::good ? text_of(facts.state) : kNoHeader;
  if (verdict == Verdict::refuse) return refused(file, end, facts);
  repairs_.push_back(repair_of(verdict, file, end, facts, found));
  return true;
}

std::expected<bool, Damage> LogCursor::open_next() {
  if (is_newest()) return false;
  ++next_file_;
  auto log = LogFile::open(disk_, file());
  if (!log) return unreadable(log.error());
  // For older files; the newest file has been checked already.
  if (log->header() != HeaderState::good) return damaged(file(), 0, kNoHeader);
  current_ = std::move(*log);
  is_first_entry_ = true;
  return true;
}

// Called at an offset where no good entry starts.
std::expected<void, Damage> LogCursor::end_of_file(EntryState state) {
  const std::int64_t offset = current_->offset();
  LogEndFacts facts;
  facts.place = is_newest() ? Place::newest : Place::older;
  facts.has_entries = offset > static_cast<std::int64_t>(kLogHeaderBytes);
  facts.state = state;
  facts.promise = promise_of(file(), offset);
  const auto tail = tail_of(file(), offset);
  if (!tail) return std::unexpected(tail.error());
  facts.tail = *tail;
  if (facts.place == Place::older && facts.tail != Tail::zeros) {
    const auto continues = continues_after(facts.tail);
    if (!continues) return std::unexpected(continues.error());
    facts.continues = *continues;
  }
  switch (const VerdictRow& row = judge_log_end(facts); row.verdict) {
    case Verdict::clean:
      return {};
    case Verdict::pass_over:
      ignored_.push_back(
          fmt::format("{} has {} at offset {}, after its last transaction 0x{:x}; history continues without a gap, "
                      "nothing is missing",
                      file().path, text_of(state), offset, hex(last())));
      return {};
    case Verdict::remove:
    case Verdict::set_aside:
    case Verdict::cut:
      repairs_.push_back(repair_of(row.verdict, file(), offset, facts, text_of(state)));
      return {};
    case Verdict::refuse:
      break;
  }
  return refused(file(), offset, facts);
}

// Apache's server leaves a torn tail in place and continues in a new file, so an older file may end in one. It is
// harmless if the next file continues exactly after the good entries, or if the loaded state already includes the last
// of them.
std::expected<bool, Damage> LogCursor::continues_after(Tail tail) {
  if (tail != Tail::entries && last_ == before_) return true;
  auto next = LogFile::open(disk_, files_[next_file_]);
  if (!next) return unreadable(next.error());
  LogEntry entry;
  if (next->header() != HeaderState::good) return false;
  const auto state = next->next(entry);
  if (!state) return unreadable(state.error());
  return *state == EntryState::whole && Zxid{entry.header.zxid} <= last().next();
}

std::expected<void, Damage> LogCursor::end_of_history() const {
  // Files newer than the mark come from a server that writes no marks.
  const bool is_mark_newest = mark_.kind == KnownMark::good && (files_.empty() || files_.back().zxid <= mark_.mark.log);
  if (!is_mark_newest || last() >= mark_.mark.last) return {};
  return std::unexpected(Damage{
      {},
      0,
      last(),
      fmt::format("The transaction logs end with 0x{:x}, but this server had transactions up to 0x{:x} on stable "
                  "storage. A log file or a snapshot is missing or truncated; nothing was changed. Put it back; "
                  "if the loss is acceptable, or if another server's files were put here on purpose, copy the "
                  "data directories, remove {} and start again",
                  hex(last()), hex(mark_.mark.last), kDurableName)});
}

std::expected<LogCursor::Order, Damage> LogCursor::check_order(const TxnHeader& header, std::int64_t offset) {
  const Zxid zxid{header.zxid};
  const bool is_first = std::exchange(is_first_entry_, false);
  // Transactions that the loaded state includes need no check.
  if (zxid <= before_) {
    last_ = std::max(zxid, last_.value_or(zxid));
    return Order::ignored;
  }
  // Apache's server logs an error transaction under the previous zxid if it could not read a request.
  if (zxid == last() && header.type == static_cast<std::int32_t>(OpCode::error)) {
    ignored_.push_back(fmt::format("{} repeats zxid 0x{:x} at offset {} for an error, as Apache's server does; ignored",
                                   file().path, hex(zxid), offset));
    return Order::ignored;
  }
  if (!follows(last(), zxid)) {
    return damaged(
        file(), offset,
        fmt::format("transaction 0x{:x} follows 0x{:x}: {}", hex(zxid), hex(last()),
                    zxid > last() ? "the transactions in between, or the snapshot that contains them, are missing"
                                  : "history goes backwards"));
  }
  if (is_first && zxid != file().zxid)
    return damaged(file(), offset,
                   fmt::format("its first transaction is 0x{:x}, which does not match its name", hex(zxid)));
  last_ = zxid;
  return Order::in_line;
}

std::expected<std::optional<LogEntry>, Damage> LogCursor::next() {
  if (!std::exchange(prepared_, true)) {
    if (auto done = leave_out_newest_without_entries(); !done) return std::unexpected(done.error());
  }
  while (true) {
    if (!current_) {
      const auto opened = open_next();
      if (!opened) return std::unexpected(opened.error());
      if (!*opened) {
        if (auto good = end_of_history(); !good) return std::unexpected(good.error());
        return std::nullopt;
      }
    }
    LogEntry entry;
    entry_offset_ = current_->offset();
    const auto state = current_->next(entry);
    if (!state) return unreadable(state.error());
    if (*state != EntryState::whole) {
      if (auto good = end_of_file(*state); !good) return std::unexpected(good.error());
      if (is_newest()) end_ = End{file(), current_->offset(), last_.value_or(before_)};
      bytes_done_ += current_->offset();
      current_.reset();
      continue;
    }
    const auto order = check_order(entry.header, entry_offset_);
    if (!order) return std::unexpected(order.error());
    if (*order == Order::in_line) return entry;
  }
}

}  // namespace quoll::store
