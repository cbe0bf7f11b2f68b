#include "apps/backup/extract.h"

#include <algorithm>
#include <fmt/format.h>

#include "apps/files/report.h"
#include "store/file_names.h"
#include "store/log_cursor.h"
#include "store/log_format.h"
#include "store/snapshot_reader.h"

namespace quoll::apps::backup {

namespace {

using files::hex;

// The first transaction of a log; nullopt: it has none.
std::expected<std::optional<TxnHeader>, Trouble> first_of(env::Disk& disk, const store::StoreFile& file) {
  auto log = store::LogFile::open(disk, file);
  if (!log) return std::unexpected(failed(log.error()));
  if (log->header() != store::HeaderState::good) return std::nullopt;
  store::LogEntry entry;
  const auto state = log->next(entry);
  if (!state) return std::unexpected(failed(state.error()));
  if (*state != store::EntryState::whole) return std::nullopt;
  return entry.header;
}

std::string time_of(std::int64_t ms) {
  return files::time_text(ms);
}

// Where the whole entries of a log end.
struct LogEnd {
  std::optional<Zxid> last;
  std::int64_t offset = 0;
  bool has_more = false;  // entries behind something that is none
};

std::expected<LogEnd, Trouble> end_of(env::Disk& disk, const store::StoreFile& file) {
  auto log = store::LogFile::open(disk, file);
  if (!log) return std::unexpected(failed(log.error()));
  LogEnd end;
  if (log->header() != store::HeaderState::good) return end;
  store::LogEntry entry;
  while (true) {
    const auto state = log->next(entry);
    if (!state) return std::unexpected(failed(state.error()));
    if (*state != store::EntryState::whole) break;
    end.last = Zxid{entry.header.zxid};
  }
  end.offset = log->offset();
  const auto tail = store::scan_tail(disk, file.path, end.offset);
  if (!tail) return std::unexpected(failed(tail.error()));
  end.has_more = tail->has_entry;
  return end;
}

// The newest transaction at or before a time. The clocks of leaders differ, so times may go back: it is the one before
// the first that is later.
std::expected<Zxid, Trouble> zxid_at(env::Disk& disk, const Source& source, std::int64_t time_ms) {
  // The newest log that begins in time.
  std::optional<Zxid> from;
  std::optional<std::int64_t> oldest_ms;
  for (const store::StoreFile& file : source.logs) {
    const auto first = first_of(disk, file);
    if (!first) return std::unexpected(first.error());
    if (!*first) continue;
    if (!oldest_ms) oldest_ms = (*first)->time_ms;
    if ((*first)->time_ms > time_ms) break;
    from = Zxid{(*first)->zxid};
  }
  if (!oldest_ms)
    return std::unexpected(
        bad(fmt::format("{} holds no transactions, so it is unknown what was there at {}. Name a zxid",
                        source.directory, time_of(time_ms))));
  if (!from)
    return std::unexpected(bad(fmt::format("{} begins later than {}: its oldest transaction is of {}", source.directory,
                                           time_of(time_ms), time_of(*oldest_ms))));
  const auto end = end_of_logs(disk, source);
  if (!end) return std::unexpected(end.error());
  store::LogCursor cursor(disk, store::logs_from(source.logs, *from), *from, source.mark);
  Zxid last = *from;
  while (!*end || last < **end) {
    const auto entry = cursor.next();
    if (!entry) return std::unexpected(bad(entry.error().text));
    if (!*entry || (*entry)->header.time_ms > time_ms) return last;
    last = Zxid{(*entry)->header.zxid};
  }
  return last;
}

std::optional<Zxid> zxid_of(const store::SnapshotEnd& end) {
  if (end.last_processed) return end.last_processed;
  if (end.digest) return Zxid{end.digest->zxid};
  return std::nullopt;
}

// Writes the transactions of one log after another.
class LogWriting {
 public:
  LogWriting(env::Disk& disk, const std::string& directory, const OnBytes& on_bytes)
      : disk_(disk), directory_(directory), on_bytes_(on_bytes) {}

  env::DiskResult<void> add(const store::StoreFile& from, const store::LogEntry& entry) {
    if (from.path != current_) {
      if (auto ended = end(); !ended) return ended;
      current_ = from.path;
      auto made = DigestFile::create(disk_, directory_, store::log_name(Zxid{entry.header.zxid}));
      if (!made) return std::unexpected(made.error());
      out_ = std::move(*made);
      if (auto written = out_->write(store::log_header()); !written) return written;
    }
    encoded_.clear();
    store::append_entry(entry.bytes, encoded_);
    on_bytes_(static_cast<std::int64_t>(encoded_.size()));
    return out_->write(encoded_);
  }
  env::DiskResult<void> end() {
    if (out_ == nullptr) return {};
    auto closed = out_->close();
    if (!closed) return std::unexpected(closed.error());
    out_.reset();
    files.push_back(std::move(*closed));
    return {};
  }
  std::vector<FileFacts> files;

 private:
  env::Disk& disk_;
  const std::string& directory_;
  const OnBytes& on_bytes_;
  std::string current_;
  std::unique_ptr<DigestFile> out_;
  std::string encoded_;
};

// Reads what was written.
std::expected<void, Trouble> check_written(env::Disk& disk, const std::string& directory, const Extracted& made) {
  Source written;
  for (const FileFacts& file : made.files) {
    const std::string path = directory + "/" + file.name;
    if (const auto zxid = store::log_zxid(file.name)) {
      written.logs.push_back({*zxid, file.name, path, file.bytes, 0});
    } else {
      const auto good = store::check_snapshot(disk, {made.snapshot, file.name, path, file.bytes, 0});
      if (!good)
        return std::unexpected(bad(fmt::format("{}, which was just written, is damaged: {}", path, good.error())));
    }
  }
  store::LogCursor cursor(disk, written.logs, made.snapshot.next(), {});
  Zxid last = made.snapshot;
  while (true) {
    const auto entry = cursor.next();
    if (!entry) return std::unexpected(bad(entry.error().text));
    if (!*entry) break;
    last = Zxid{(*entry)->header.zxid};
  }
  if (last == made.last) return {};
  return std::unexpected(bad(fmt::format("What was written to {} ends with {} and not with {}", directory,
                                         hex(last.value()), hex(made.last.value()))));
}

}  // namespace

std::expected<std::optional<Zxid>, Trouble> end_of_logs(env::Disk& disk, const Source& source) {
  if (source.logs.empty()) return std::nullopt;
  const auto first = end_of(disk, source.logs.back());
  if (!first) return std::unexpected(first.error());
  const bool is_promised =
      source.mark.kind == store::KnownMark::good && first->last && source.mark.mark.last > *first->last;
  if (is_promised) return std::nullopt;
  if (!first->has_more) return first->last;
  // If the entries behind it were appended in between, it ends later now. Then the end was a good one.
  const auto second = end_of(disk, source.logs.back());
  if (!second) return std::unexpected(second.error());
  if (second->offset > first->offset) return first->last;
  return std::nullopt;
}

std::expected<Part, Trouble> choose(env::Disk& disk, const Source& source, const Until& until) {
  Part part;
  part.until = until.zxid;
  if (until.time_ms) {
    const auto zxid = zxid_at(disk, source, *until.time_ms);
    if (!zxid) return std::unexpected(zxid.error());
    part.until = *zxid;
  }
  std::optional<Zxid> oldest;
  for (const store::StoreFile& file : source.snapshots) {
    oldest = file.zxid;
    if (part.until && file.zxid > *part.until) continue;
    const auto good = store::check_snapshot(disk, file);
    if (!good) {
      part.notes.push_back(fmt::format("{} is passed over: {}", file.path, good.error()));
      continue;
    }
    const auto end = zxid_of(*good);
    if (part.until && end && *end > *part.until) {
      part.notes.push_back(fmt::format("{} is passed over: it was written during changes, and reaches up to {}",
                                       file.path, hex(end->value())));
      continue;
    }
    if (part.until && !end)
      part.notes.push_back(fmt::format(
          "{} does not say up to which transaction it reaches; changes that were made while it was written are in it",
          file.path));
    part.snapshot = file;
    part.snapshot_end = end;
    if (part.until) return part;
    const auto logged = end_of_logs(disk, source);
    if (!logged) return std::unexpected(logged.error());
    if (*logged && **logged >= std::max(file.zxid, end.value_or(file.zxid))) part.until = *logged;
    return part;
  }
  std::string text = fmt::format("{} holds no good snapshot", source.directory);
  if (part.until)
    text += fmt::format(" at or before {}; the oldest is {}", hex(part.until->value()), hex(oldest->value()));
  for (const std::string& note : part.notes) text += ". " + note;
  return std::unexpected(bad(std::move(text)));
}

std::expected<void, Trouble> walk_transactions(env::Disk& disk, const Source& source, const Part& part,
                                               const OnEntry& on_entry) {
  const Zxid next = part.snapshot.zxid.next();
  Zxid last = part.snapshot.zxid;
  if (last == part.until) return {};
  store::LogCursor cursor(disk, store::logs_from(source.logs, next), next, source.mark);
  while (true) {
    const auto entry = cursor.next();
    if (!entry) return std::unexpected(bad(entry.error().text));
    if (!*entry) break;
    const Zxid zxid{(*entry)->header.zxid};
    if (part.until && zxid > *part.until) return {};
    if (!follows(last, zxid))
      return std::unexpected(bad(fmt::format(
          "The transactions between {} and {} are missing in {}: a log was lost. What is after that cannot be used; "
          "--at {} ends before it",
          hex(last.value()), hex(zxid.value()), source.directory, hex(last.value()))));
    last = zxid;
    const auto goes_on = on_entry(cursor.file(), **entry);
    if (!goes_on) return std::unexpected(failed(goes_on.error()));
    if (!*goes_on || last == part.until) return {};
  }
  if (part.until && last < *part.until)
    return std::unexpected(
        bad(fmt::format("{} ends with {}, before {}", source.directory, hex(last.value()), hex(part.until->value()))));
  return {};
}

std::expected<Extracted, Trouble> extract(env::Disk& disk, const Source& source, const Part& part,
                                          const std::string& directory, const OnBytes& on_bytes) {
  Extracted made;
  made.snapshot = made.last = part.snapshot.zxid;
  made.notes = part.notes;
  auto copied = copy_file(disk, part.snapshot.path, directory, part.snapshot.name, on_bytes);
  if (!copied) return std::unexpected(failed(copied.error()));
  made.files.push_back(std::move(*copied));
  LogWriting logs(disk, directory, on_bytes);
  const auto walked =
      walk_transactions(disk, source, part, [&](const auto& file, const auto& entry) -> env::DiskResult<bool> {
        made.last = Zxid{entry.header.zxid};
        made.last_time_ms = entry.header.time_ms;
        ++made.transactions;
        if (auto added = logs.add(file, entry); !added) return std::unexpected(added.error());
        return true;
      });
  if (!walked) return std::unexpected(walked.error());
  if (auto ended = logs.end(); !ended) return std::unexpected(failed(ended.error()));
  made.files.insert(made.files.end(), logs.files.begin(), logs.files.end());
  made.is_exact = !part.snapshot_end || *part.snapshot_end <= made.last;
  if (auto good = check_written(disk, directory, made); !good) return std::unexpected(good.error());
  return made;
}

}  // namespace quoll::apps::backup
