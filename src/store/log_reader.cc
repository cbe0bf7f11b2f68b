#include "store/log_reader.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/log_format.h"

namespace quoll::store {

namespace {

std::uint64_t hex(Zxid zxid) {
  return static_cast<std::uint64_t>(zxid.value());
}

// In an epoch zxids have no gaps, and every epoch starts to count at 1.
bool follows(Zxid zxid, Zxid last) {
  return zxid == last.next() || (zxid.epoch() > last.epoch() && zxid.counter() == 1);
}

}  // namespace

std::vector<StoreFile> logs_from(std::vector<StoreFile> logs, Zxid start) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (logs[i].zxid <= start) first = i;
  }
  logs.erase(logs.begin(), logs.begin() + static_cast<std::ptrdiff_t>(first));
  return logs;
}

LogReader::LogReader(env::Disk& disk, std::vector<StoreFile> files, Zxid from, std::optional<DurableMark> mark,
                     Reports& reports)
    : disk_(disk), files_(std::move(files)), before_(from.value() - 1), mark_(mark), reports_(reports) {
  for (const StoreFile& file : files_) bytes_total_ += file.bytes;
}

std::unexpected<Damage> LogReader::damaged(const StoreFile& file, std::int64_t offset, std::string_view what) const {
  return std::unexpected(Damage{file.path, offset, last(),
                                fmt::format("The transaction log {} is damaged at offset {}: {}. The last good "
                                            "transaction is 0x{:x}. What is missing may have been "
                                            "acknowledged to clients, so the server does not start without it. Restore "
                                            "the file from a backup, or empty the data "
                                            "directories and let this server copy the data from its ensemble; if the "
                                            "loss is acceptable, move this log and the later ones "
                                            "out of the directory, with {}, and start again",
                                            file.path, offset, what, hex(last()), kDurableName)});
}

std::unexpected<Damage> LogReader::unreadable(const env::DiskError& error) const {
  return std::unexpected(
      Damage{{},
             0,
             last(),
             fmt::format("{}. Nothing was changed; repair the disk or its permissions and start again", error.text)});
}

// A file that was being made when the server stopped. It would stand behind the files of later, lower zxids for ever.
std::expected<void, Damage> LogReader::drop_newest_without_entries() {
  while (!files_.empty()) {
    const StoreFile& file = files_.back();
    const auto empty = holds_nothing(file);
    if (!empty) return std::unexpected(empty.error());
    if (!*empty) return {};
    if (const auto removed = disk_.remove(file.path); !removed) return unreadable(removed.error());
    reports_.push_back(
        fmt::format("Removed {}: it was being made when the server stopped and holds no transaction", file.path));
    files_.pop_back();
  }
  return {};
}

std::expected<bool, Damage> LogReader::holds_nothing(const StoreFile& file) {
  auto log = LogFile::open(disk_, file);
  if (!log) return unreadable(log.error());
  if (log->header() == HeaderState::good) {
    LogEntry entry;
    const auto state = log->next(entry);
    if (!state) return unreadable(state.error());
    if (*state != EntryState::end_of_file && *state != EntryState::zeros) return false;
  }
  const bool is_promised = is_marked(file) && mark_->offset > static_cast<std::int64_t>(kLogHeaderBytes);
  const auto behind = look_behind(disk_, file.path, log->offset());
  if (!behind) return unreadable(behind.error());
  if (log->header() == HeaderState::good) return !behind->has_bytes && !is_promised;
  // With a mark that promises nothing it is ours, and never got as far as its first flush, whatever reached the disk of
  // it.
  if (is_marked(file) && !is_promised) return true;
  if (log->header() == HeaderState::torn && !behind->has_entry && !is_promised) return true;
  return damaged(file, 0, "the file header is missing or not a log's");
}

std::expected<bool, Damage> LogReader::open_next() {
  if (is_newest()) return false;
  ++next_file_;
  auto log = LogFile::open(disk_, file());
  if (!log) return unreadable(log.error());
  if (log->header() != HeaderState::good) return damaged(file(), 0, "the file header is missing or not a log's");
  current_ = std::move(*log);
  is_first_entry_ = true;
  return true;
}

// No good entry starts here.
std::expected<void, Damage> LogReader::end_of_file(EntryState state) {
  const std::int64_t offset = current_->offset();
  const bool was_durable = is_marked(file()) && offset < mark_->offset;
  // Apache's server truncates a file to the end of an entry, without padding, when its leader has other plans, and goes
  // on in a new file.
  const bool was_truncated = state == EntryState::end_of_file && !is_newest();
  if (was_durable && !was_truncated) {
    return damaged(file(), offset,
                   fmt::format("{} where {} bytes of transactions up to 0x{:x} were on stable storage", text_of(state),
                               mark_->offset - offset, hex(mark_->last)));
  }
  const auto behind = look_behind(disk_, file().path, offset);
  if (!behind) return unreadable(behind.error());
  if (!behind->has_bytes) return {};
  if (!is_newest()) {
    const auto harmless = is_harmless(*behind);
    if (!harmless) return std::unexpected(harmless.error());
    if (!*harmless) return damaged(file(), offset, fmt::format("{}, though later files follow", text_of(state)));
    reports_.push_back(fmt::format(
        "{} has {} at offset {}, behind its last transaction 0x{:x}; history goes on without a gap, nothing is missing",
        file().path, text_of(state), offset, hex(last())));
    return {};
  }
  // Without a mark for it the file is Apache's. What that server would not have read over is damage, and so is a hole.
  const bool is_hurt = behind->has_entry || state == EntryState::bad_checksum || state == EntryState::no_txn;
  if (!is_marked(file()) && is_hurt)
    return damaged(file(), offset,
                   fmt::format("{}{}", text_of(state), behind->has_entry ? ", with good ones behind it" : ""));
  return cut(offset, state);
}

// Apache's server leaves a torn tail where it is and goes on in a new file, so an old file may end in one. It is
// harmless if the next file goes on just where the good entries end, or if the state is already as new as the last of
// them.
std::expected<bool, Damage> LogReader::is_harmless(const Behind& behind) {
  if (!behind.has_entry && last_ == before_) return true;
  auto next = LogFile::open(disk_, files_[next_file_]);
  if (!next) return unreadable(next.error());
  LogEntry entry;
  if (next->header() != HeaderState::good) return false;
  const auto state = next->next(entry);
  if (!state) return unreadable(state.error());
  return *state == EntryState::whole && Zxid{entry.header.zxid} <= last().next();
}

std::expected<void, Damage> LogReader::cut(std::int64_t offset, EntryState state) {
  auto opened = disk_.open(file().path, env::OpenMode::update);
  if (!opened) return unreadable(opened.error());
  if (auto done = (*opened)->resize(offset); !done) return unreadable(done.error());
  if (auto done = (*opened)->sync(); !done) return unreadable(done.error());
  reports_.push_back(
      fmt::format("Cut the torn end off {} at offset {} ({}): it was being written when the server stopped and was "
                  "never acknowledged. "
                  "The last transaction is 0x{:x}",
                  file().path, offset, text_of(state), hex(last())));
  return {};
}

std::expected<void, Damage> LogReader::end_of_history() {
  // Files later than the mark are of a server that keeps no marks.
  const bool is_mark_newest = mark_ && (files_.empty() || files_.back().zxid <= mark_->log);
  if (!is_mark_newest || last() >= mark_->last) return {};
  return std::unexpected(Damage{{},
                                0,
                                last(),
                                fmt::format("The transaction logs end with 0x{:x}, but this server had transactions up "
                                            "to 0x{:x} on stable storage. A log file is missing or was "
                                            "cut. Put it back; if the loss is acceptable, or if another server's files "
                                            "were put here on purpose, remove {} and start again",
                                            hex(last()), hex(mark_->last), kDurableName)});
}

std::expected<LogReader::Order, Damage> LogReader::check_order(const TxnHeader& header, std::int64_t offset) {
  const Zxid zxid{header.zxid};
  const bool is_first = std::exchange(is_first_entry_, false);
  // What the state holds already can't hurt it.
  if (zxid <= before_) {
    last_ = std::max(zxid, last_.value_or(zxid));
    return Order::passed_over;
  }
  // Apache's server logs an error under the zxid before it when it could not read a request.
  if (zxid == last() && header.type == static_cast<std::int32_t>(OpCode::error)) {
    reports_.push_back(
        fmt::format("{} repeats zxid 0x{:x} at offset {} for an error, as Apache's server does; passed over",
                    file().path, hex(zxid), offset));
    return Order::passed_over;
  }
  if (!follows(zxid, last())) {
    return damaged(
        file(), offset,
        fmt::format("transaction 0x{:x} follows 0x{:x}: {}", hex(zxid), hex(last()),
                    zxid > last() ? "those in between are missing, with the log or the snapshot that held them"
                                  : "history goes backwards"));
  }
  if (is_first && zxid != file().zxid)
    return damaged(file(), offset, fmt::format("its first transaction is 0x{:x}, not that of its name", hex(zxid)));
  last_ = zxid;
  return Order::in_line;
}

std::expected<std::optional<LogEntry>, Damage> LogReader::next() {
  if (!std::exchange(prepared_, true)) {
    if (auto done = drop_newest_without_entries(); !done) return std::unexpected(done.error());
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
    const std::int64_t offset = current_->offset();
    const auto state = current_->next(entry);
    if (!state) return unreadable(state.error());
    if (*state != EntryState::whole) {
      if (auto good = end_of_file(*state); !good) return std::unexpected(good.error());
      if (is_newest()) end_ = End{file(), current_->offset(), last_.value_or(before_)};
      bytes_done_ += current_->offset();
      current_.reset();
      continue;
    }
    const auto order = check_order(entry.header, offset);
    if (!order) return std::unexpected(order.error());
    if (*order == Order::in_line) return entry;
  }
}

}  // namespace quoll::store
