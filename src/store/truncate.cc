#include "store/truncate.h"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>

#include "store/durable_mark.h"
#include "store/file_names.h"
#include "store/history_note.h"
#include "store/log_format.h"
#include "store/set_aside.h"
#include "store/snapshot_reader.h"

namespace quoll::store {

namespace {

using Failed = std::unexpected<std::string>;

// The newest transaction that a snapshot is known to contain. Files of older versions do not say it.
Zxid end_of(const StoreFile& file, const SnapshotEnd& end) {
  Zxid last = std::max(file.zxid, end.last_processed.value_or(file.zxid));
  if (end.digest) last = std::max(last, Zxid{end.digest->zxid});
  return last;
}

// The newest snapshot that loads and contains nothing after `to`.
std::optional<StoreFile> find_base(const DataDirs& dirs, const std::vector<StoreFile>& snapshots, Zxid to) {
  for (const StoreFile& file : snapshots) {
    if (file.zxid > to || !seems_complete(dirs.disk(), file)) continue;
    const auto end = check_snapshot(dirs.disk(), file);
    // Snapshots are taken one after another, so an older one ends before a newer one begins.
    if (end && end_of(file, *end) <= to) return file;
  }
  return std::nullopt;
}

class Truncating {
 public:
  Truncating(const DataDirs& dirs, Zxid to, std::int64_t wall_ms) : dirs_(dirs), to_(to), wall_ms_(wall_ms) {}

  std::expected<Truncation, std::string> run() {
    if (auto done = plan(); !done) return Failed(done.error());
    if (auto done = persist_rest(); !done) return Failed(done.error().text);
    if (auto done = keep_cut_off(); !done) return Failed(done.error().text);
    if (auto done = write_intent(dirs_, intent_); !done) return Failed(done.error().text);
    if (auto done = carry_out(dirs_, intent_, wall_ms_, result_.reports); !done) return Failed(done.error().text);
    result_.last = intent_.last;
    result_.is_given_up = !intent_.base;
    return std::move(result_);
  }

 private:
  // Only reads.
  std::expected<void, std::string> plan() {
    const auto snapshots = dirs_.snapshots();
    if (!snapshots) return Failed(snapshots.error().text);
    auto logs = dirs_.logs();
    if (!logs) return Failed(logs.error().text);
    logs_ = std::move(*logs);
    base_ = find_base(dirs_, *snapshots, to_);
    if (!base_) {
      result_.reports.push_back(fmt::format(
          "No snapshot in {} is as old as 0x{:x}, up to which a leader asked to cut the history: the history "
          "is given up, and its files are kept under other names. The leader's state is needed",
          dirs_.snapshot_dir(), hex(to_)));
      return {};
    }
    intent_.base = intent_.last = base_->zxid;
    return find_cut();
  }

  // Reads the log from the snapshot on: what is left must be whole.
  std::expected<void, std::string> find_cut() {
    const auto mark = read_durable_mark(dirs_.disk(), dirs_.log_dir());
    if (!mark) return Failed(mark.error().text);
    LogCursor cursor(dirs_.disk(), logs_from(logs_, base_->zxid.next()), base_->zxid.next(), *mark);
    std::optional<Zxid> first_above;  // the log with the first transaction that is cut off
    while (!first_above) {
      const auto entry = cursor.next();
      if (!entry) return Failed(entry.error().text);
      if (!*entry) break;
      const Zxid zxid{(*entry)->header.zxid};
      if (zxid > to_) {
        first_above = cursor.file().zxid;
        if (cursor.entry_offset() > static_cast<std::int64_t>(kLogHeaderBytes)) intent_.offset = cursor.entry_offset();
      } else {
        intent_.last = zxid;
      }
    }
    const auto is_kept = [&](const StoreFile& log) {
      return !first_above || log.zxid < *first_above || (log.zxid == *first_above && intent_.offset > 0);
    };
    logs_.erase(std::ranges::partition_point(logs_, is_kept), logs_.end());
    if (!logs_.empty()) intent_.log = logs_.back().zxid;
    return {};
  }

  // Recovery has synced only what it read, and it began at a newer snapshot.
  env::DiskResult<void> persist_rest() {
    if (!base_) return {};
    if (auto done = sync_file(base_->path); !done) return done;
    for (const StoreFile& log : logs_from(logs_, base_->zxid.next())) {
      if (auto done = sync_file(log.path); !done) return done;
    }
    if (auto done = dirs_.disk().sync_directory(dirs_.snapshot_dir()); !done) return done;
    return dirs_.disk().sync_directory(dirs_.log_dir());
  }

  env::DiskResult<void> sync_file(const std::string& path) {
    const auto file = dirs_.disk().open(path, env::OpenMode::read);
    return file ? (*file)->sync() : std::unexpected(file.error());
  }

  env::DiskResult<void> keep_cut_off() {
    if (intent_.offset == 0) return {};
    const auto kept = keep_tail(dirs_, logs_.back(), intent_.offset, wall_ms_);
    if (!kept) return std::unexpected(kept.error());
    result_.reports.push_back(fmt::format(
        "Cutting {} bytes of transactions after 0x{:x} off {} at offset {}: the leader does not have them. {}",
        kept->bytes, hex(intent_.last), logs_.back().path, intent_.offset,
        kept->path.empty() ? "The disk has no space to keep them" : fmt::format("They are kept in {}", kept->path)));
    return {};
  }

  const DataDirs& dirs_;
  Zxid to_;
  std::int64_t wall_ms_;
  std::vector<StoreFile> logs_;  // after find_cut(): those that are kept
  std::optional<StoreFile> base_;
  TruncateIntent intent_;
  Truncation result_;
};

class Steps {
 public:
  Steps(const DataDirs& dirs, const TruncateIntent& intent, std::int64_t wall_ms, Reports& reports)
      : dirs_(dirs), intent_(intent), wall_ms_(wall_ms), reports_(reports) {}

  env::DiskResult<void> run() {
    if (auto done = move_mark_back(); !done) return done;
    if (auto done = cut_log(); !done) return done;
    if (auto done = set_logs_aside(); !done) return done;
    if (auto done = drop_snapshots(); !done) return done;
    for (const std::string& directory : {dirs_.log_dir(), dirs_.snapshot_dir()}) {
      if (auto done = dirs_.disk().sync_directory(directory); !done) return done;
    }
    if (!intent_.base) {
      if (auto done = write_history_note(dirs_.disk(), dirs_.snapshot_dir(), HistoryNote{}); !done) return done;
    }
    return remove_intent(dirs_);
  }

 private:
  env::DiskResult<void> move_mark_back() {
    auto marks = DurableMarkFile::open(dirs_.disk(), dirs_.log_dir());
    if (!marks) return std::unexpected(marks.error());
    const DurableMark mark{intent_.log.value_or(Zxid{0}), intent_.offset, intent_.last};
    if (auto done = marks->write(mark); !done) return done;
    return marks->sync();
  }

  env::DiskResult<void> cut_log() {
    if (intent_.offset == 0) return {};
    auto file = dirs_.disk().open(dirs_.log_dir() + "/" + log_name(*intent_.log), env::OpenMode::update);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    if (*size > intent_.offset) {
      if (auto done = (*file)->resize(intent_.offset); !done) return done;
    }
    return (*file)->sync();
  }

  env::DiskResult<void> set_logs_aside() {
    const auto logs = dirs_.logs();
    if (!logs) return std::unexpected(logs.error());
    for (const StoreFile& log : *logs | std::views::reverse) {
      if (intent_.log && log.zxid <= *intent_.log) break;
      if (auto done = keep(log); !done) return done;
    }
    return {};
  }

  // Without a snapshot the whole state is given up, so the files are kept. Otherwise the log that was cut off contains
  // what such a snapshot has more than the one that is left.
  env::DiskResult<void> drop_snapshots() {
    const auto snapshots = dirs_.snapshots();
    if (!snapshots) return std::unexpected(snapshots.error());
    for (const StoreFile& file : *snapshots) {
      if (intent_.base && file.zxid <= *intent_.base) break;
      if (!intent_.base) {
        if (auto done = keep(file); !done) return done;
        continue;
      }
      if (auto done = dirs_.disk().remove(file.path); !done) return done;
      reports_.push_back(fmt::format("Removed {}: it contains transactions that the leader does not have", file.path));
    }
    return {};
  }

  env::DiskResult<void> keep(const StoreFile& file) {
    const auto path = set_aside(dirs_, file, wall_ms_);
    if (!path) return std::unexpected(path.error());
    reports_.push_back(fmt::format("Renamed {} to {}: the leader does not have its transactions", file.path, *path));
    return {};
  }

  const DataDirs& dirs_;
  const TruncateIntent& intent_;
  std::int64_t wall_ms_;
  Reports& reports_;
};

}  // namespace

std::expected<Truncation, std::string> truncate_history(const DataDirs& dirs, Zxid to, std::int64_t wall_ms) {
  return Truncating(dirs, to, wall_ms).run();
}

env::DiskResult<void> carry_out(const DataDirs& dirs, const TruncateIntent& intent, std::int64_t wall_ms,
                                Reports& reports) {
  return Steps(dirs, intent, wall_ms, reports).run();
}

}  // namespace quoll::store
