#include "store/install_snapshot.h"

#include <algorithm>
#include <fmt/format.h>

#include "store/durable_mark.h"
#include "store/epoch_files.h"
#include "store/file_names.h"
#include "store/history_note.h"
#include "store/set_aside.h"
#include "store/snapshot_reader.h"

namespace quoll::store {

namespace {

class Installing {
 public:
  Installing(const DataDirs& dirs, const InstallIntent& intent, std::int64_t wall_ms, Reports& reports)
      : dirs_(dirs), disk_(dirs.disk()), intent_(intent), wall_ms_(wall_ms), reports_(reports) {}

  env::DiskResult<void> run() {
    if (auto done = note_loss(); !done) return done;
    if (auto done = take_out_history(); !done) return done;
    if (auto done = rename(); !done) return done;
    if (auto done = set_mark(); !done) return done;
    for (const std::string& directory : {dirs_.log_dir(), dirs_.snapshot_dir()}) {
      if (auto done = disk_.sync_directory(directory); !done) return done;
    }
    return remove_intent(dirs_);
  }

 private:
  [[nodiscard]] std::string in_snapshots(const std::string& name) const { return dirs_.snapshot_dir() + "/" + name; }

  env::DiskResult<bool> is_there(const std::string& path) const {
    const auto there = disk_.stat(path);
    if (!there) return std::unexpected(there.error());
    return there->has_value();
  }

  env::DiskResult<void> take_out_history() {
    auto snapshots = dirs_.snapshots();
    if (!snapshots) return std::unexpected(snapshots.error());
    const auto logs = dirs_.logs();
    if (!logs) return std::unexpected(logs.error());
    const auto waits = is_there(in_snapshots(intent_.received));
    if (!waits) return std::unexpected(waits.error());
    // If it has got its name already, the file of that name is the new one.
    if (!*waits) std::erase_if(*snapshots, [&](const StoreFile& file) { return file.name == intent_.name; });
    const auto newest =
        std::ranges::find_if(*snapshots, [&](const StoreFile& file) { return seems_complete(disk_, file); });
    const bool has_base = newest != snapshots->end();
    // When nothing is known of a base, as when an interrupted installation goes on, everything is kept.
    const Zxid base = has_base ? newest->zxid : Zxid{0};
    const auto kept_logs = logs_from(*logs, base.next());
    const Zxid oldest_log = kept_logs.empty() ? base.next() : kept_logs.front().zxid;
    for (const StoreFile& log : *logs) {
      if (auto done = take_out(log, log.zxid >= oldest_log || !has_base); !done) return done;
    }
    for (const StoreFile& file : *snapshots) {
      if (auto done = take_out(file, file.zxid >= base); !done) return done;
    }
    return has_base ? remove_older_kept(base, oldest_log) : env::DiskResult<void>();
  }

  env::DiskResult<void> take_out(const StoreFile& file, bool is_kept) {
    if (!is_kept) {
      reports_.push_back(fmt::format("Removed {}: another state takes its place", file.path));
      return disk_.remove(file.path);
    }
    const auto path = set_aside(dirs_, file, wall_ms_);
    if (!path) return std::unexpected(path.error());
    reports_.push_back(fmt::format("Renamed {} to {}: another state takes its place", file.path, *path));
    return {};
  }

  env::DiskResult<void> remove_older_kept(Zxid base, Zxid oldest_log) {
    const auto cuts = dirs_.cuts();
    if (!cuts) return std::unexpected(cuts.error());
    for (const StoreFile& cut : *cuts) {
      if (cut.zxid >= (cut_snapshot_zxid(cut.name) ? base : oldest_log)) continue;
      if (auto done = disk_.remove(cut.path); !done) return done;
    }
    return {};
  }

  env::DiskResult<void> rename() {
    const auto waits = is_there(in_snapshots(intent_.received));
    if (!waits) return std::unexpected(waits.error());
    if (*waits) return disk_.rename(in_snapshots(intent_.received), in_snapshots(intent_.name));
    const auto there = is_there(in_snapshots(intent_.name));
    if (!there) return std::unexpected(there.error());
    if (*there) return {};
    return std::unexpected(env::DiskError{
        ENOENT,
        fmt::format("the snapshot {} of an interrupted installation is missing, also under the name {}. Restore "
                    "the data directories from a backup, or, in an ensemble, start this server without data: it "
                    "copies them from the others",
                    in_snapshots(intent_.name), intent_.received)});
  }

  env::DiskResult<void> set_mark() {
    auto marks = DurableMarkFile::open(disk_, dirs_.log_dir());
    if (!marks) return std::unexpected(marks.error());
    if (auto done = marks->write(DurableMark{Zxid{0}, 0, intent_.at}); !done) return done;
    return marks->sync();
  }

  // What this server has acknowledged above the snapshot is missing until the leader has sent what follows it. An
  // interrupted installation that goes on may find the mark of the new history, but it has written the note.
  env::DiskResult<void> note_loss() {
    if (intent_.loss == Loss::none) return {};
    const auto mark = read_durable_mark(disk_, dirs_.log_dir());
    if (!mark) return std::unexpected(mark.error());
    const auto snapshots = dirs_.snapshots();
    if (!snapshots) return std::unexpected(snapshots.error());
    const bool had_more = (mark->kind == KnownMark::good && mark->mark.last > intent_.at) ||
                          mark->kind == KnownMark::unreadable ||
                          (!snapshots->empty() && snapshots->front().zxid > intent_.at);
    return had_more ? write_history_note(disk_, dirs_.snapshot_dir(), HistoryNote{}) : env::DiskResult<void>();
  }

  const DataDirs& dirs_;
  env::Disk& disk_;
  const InstallIntent& intent_;
  std::int64_t wall_ms_;
  Reports& reports_;
};

}  // namespace

std::expected<Reports, std::string> install_snapshot(const DataDirs& dirs, const ReceivedSnapshot& received, Loss loss,
                                                     std::int64_t wall_ms) {
  const InstallIntent intent{received.at, received.temporary_name, received.name, loss};
  if (auto done = dirs.disk().sync_directory(dirs.snapshot_dir()); !done) return std::unexpected(done.error().text);
  if (auto done = write_intent(dirs, intent); !done) return std::unexpected(done.error().text);
  Reports reports;
  if (auto done = carry_out(dirs, intent, wall_ms, reports); !done) return std::unexpected(done.error().text);
  return reports;
}

env::DiskResult<void> carry_out(const DataDirs& dirs, const InstallIntent& intent, std::int64_t wall_ms,
                                Reports& reports) {
  return Installing(dirs, intent, wall_ms, reports).run();
}

}  // namespace quoll::store
