#include "store/data_dirs.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

#include "store/durable_mark.h"
#include "store/file_names.h"

namespace quoll::store {

namespace {

using NameToZxid = std::optional<Zxid> (*)(std::string_view);

env::DiskResult<std::vector<StoreFile>> list(env::Disk& disk, const std::string& directory, NameToZxid zxid_of) {
  auto entries = disk.list(directory);
  if (!entries) return std::unexpected(entries.error());
  std::vector<StoreFile> files;
  for (env::DirectoryEntry& entry : *entries) {
    const auto zxid = zxid_of(entry.name);
    if (!zxid || entry.is_directory) continue;
    std::string path = directory + "/" + entry.name;
    files.push_back(StoreFile{*zxid, std::move(entry.name), std::move(path), entry.bytes, entry.modified_ms});
  }
  std::sort(files.begin(), files.end(), [](const StoreFile& a, const StoreFile& b) { return a.zxid < b.zxid; });
  return files;
}

std::string in_use_by_quoll(const std::string& directory, const std::string& who) {
  return fmt::format(
      "{} is in use by another Quoll server{}. Stop that one first, or give this one a dataDir of its own", directory,
      who.empty() ? "" : ", " + who);
}

// The new directory names must survive a power cut; otherwise files fsynced in them are lost with them.
env::DiskResult<void> make_durable_directories(env::Disk& disk, const std::string& directory) {
  std::vector<std::string> parents_of_new;
  for (std::string at = directory;;) {
    const std::size_t slash = at.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : at.substr(0, slash);
    const auto there = disk.stat(at);
    if (!there) return std::unexpected(there.error());
    if (*there || parent == at) break;
    parents_of_new.push_back(parent);
    if (parent == "." || parent == "/") break;
    at = parent;
  }
  if (auto made = disk.make_directories(directory); !made) return made;
  for (const std::string& parent : parents_of_new) {
    if (auto synced = disk.sync_directory(parent); !synced) return synced;
  }
  return {};
}

}  // namespace

DataDirs::DataDirs(env::Disk& disk, const Options& options)
    : disk_(&disk),
      marker_dir_(options.data_log_dir.empty() ? options.data_dir : options.data_log_dir),
      snapshot_dir_(fmt::format("{}/{}", options.data_dir, kVersionDirectory)),
      log_dir_(fmt::format("{}/{}", marker_dir_, kVersionDirectory)) {}

std::expected<DataDirs, std::string> DataDirs::look(env::Disk& disk, const Options& options) {
  DataDirs dirs(disk, options);
  for (const std::string& directory : dirs.both()) {
    if (auto good = dirs.check(directory, options); !good) return std::unexpected(good.error());
  }
  if (dirs.log_dir_ != dirs.snapshot_dir_) {
    if (auto good = dirs.refuse_swapped(); !good) return std::unexpected(good.error());
  }
  auto seen = dirs.logs_and_snapshots();
  if (!seen) return std::unexpected(seen.error().text);
  dirs.seen_ = std::move(*seen);
  return dirs;
}

std::expected<DataDirs, std::string> DataDirs::open(env::Disk& disk, const Options& options, env::Log& log) {
  auto dirs = look(disk, options);
  if (!dirs) return dirs;
  if (auto done = dirs->take_over(log); !done) return std::unexpected(done.error());
  return dirs;
}

std::vector<std::string> DataDirs::both() const {
  return log_dir_ == snapshot_dir_ ? std::vector{snapshot_dir_} : std::vector{snapshot_dir_, log_dir_};
}

std::expected<void, std::string> DataDirs::check(const std::string& directory, const Options& options) const {
  const auto there = disk_->stat(directory);
  if (!there) return std::unexpected(there.error().text);
  if (*there && !(*there)->is_directory)
    return std::unexpected(fmt::format("{} is a file; dataDir and dataLogDir need directories", directory));
  if (!*there && !options.data_dir_autocreate) {
    return std::unexpected(fmt::format(
        "{} does not exist and zookeeper.datadir.autocreate is false. Check dataDir and dataLogDir, or create it",
        directory));
  }
  return {};
}

std::expected<void, std::string> DataDirs::refuse_other_users(env::Log& log) const {
  for (const env::DirectoryUser& user : disk_->other_users(both())) {
    if (user.path.ends_with(kLockName)) return std::unexpected(in_use_by_quoll(log_dir_, user.who));
    if (user.writes)
      return std::unexpected(
          fmt::format("The data directory {} is in use by {} ({}). Nothing was changed. Two servers on one directory "
                      "destroy each other's data: stop that one first, or give this one a dataDir and a dataLogDir of "
                      "its own",
                      log_dir_, user.who, user.path));
    log.warn("{} is read by {}. If that is a server, stop it", user.path, user.who);
  }
  return {};
}

bool DataDirs::was_just_written(std::int64_t wall_ms) const {
  constexpr std::int64_t kJustMs = 10'000;
  const auto is_recent = [&](const StoreFile& file) { return file.modified_ms > wall_ms - kJustMs; };
  if (!seen_ || std::ranges::none_of(*seen_, is_recent)) return false;
  const auto mark = read_durable_mark(*disk_, log_dir_);
  const auto newest = logs();
  // A Quoll server names a log in its mark before it creates it, and our lock keeps Quoll servers apart.
  return !(mark && mark->kind == KnownMark::good && newest && !newest->empty() &&
           newest->back().zxid <= mark->mark.log);
}

std::expected<void, std::string> DataDirs::refuse_changed() const {
  if (!seen_) return {};
  const auto now = logs_and_snapshots();
  if (!now) return std::unexpected(now.error().text);
  const auto same = [](const StoreFile& a, const StoreFile& b) {
    return a.path == b.path && a.bytes == b.bytes && a.modified_ms == b.modified_ms;
  };
  const auto [before, after] = std::ranges::mismatch(*seen_, *now, same);
  if (before == seen_->end() && after == now->end()) return {};
  return std::unexpected(
      fmt::format("{} has changed while this server looked at it: another server writes there, perhaps in another "
                  "container or on another machine. Nothing was changed by this one. Stop that server first, or give "
                  "this one a dataDir and a dataLogDir of its own",
                  after != now->end() ? after->path : before->path));
}

env::DiskResult<std::vector<StoreFile>> DataDirs::logs_and_snapshots() const {
  std::vector<StoreFile> files;
  for (const auto& [directory, zxid_of] : {std::pair{log_dir_, &log_zxid}, std::pair{snapshot_dir_, &snapshot_zxid}}) {
    const auto there = disk_->stat(directory);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    auto some = list(*disk_, directory, zxid_of);
    if (!some) return some;
    std::ranges::move(*some, std::back_inserter(files));
  }
  return files;
}

std::expected<void, std::string> DataDirs::take_over(env::Log& log) {
  for (const std::string& directory : both()) {
    const auto there = disk_->stat(directory);
    if (!there) return std::unexpected(there.error().text);
    if (!*there) {
      if (const auto made = make_durable_directories(*disk_, directory); !made)
        return std::unexpected(made.error().text);
    }
    if (auto done = lock(directory); !done) return done;
  }
  // One of them may be the snapshot that an interrupted installation goes on with; recovery ends it first.
  const auto intent = disk_->stat(fmt::format("{}/{}", log_dir_, kIntentName));
  if (!intent) return std::unexpected(intent.error().text);
  if (*intent) return {};
  for (const std::string& directory : both()) remove_leftovers(directory, log);
  return {};
}

std::expected<void, std::string> DataDirs::lock(const std::string& directory) {
  auto held = disk_->lock(fmt::format("{}/{}", directory, kLockName));
  if (!held && held.error().code == EWOULDBLOCK) return std::unexpected(in_use_by_quoll(directory, {}));
  if (!held)
    return std::unexpected(
        fmt::format("{}. The server must be able to write to its data directories", held.error().text));
  locks_.push_back(std::move(*held));
  return {};
}

std::expected<void, std::string> DataDirs::refuse_swapped() const {
  const auto snapshots = list(*disk_, log_dir_, &snapshot_zxid);
  if (snapshots && !snapshots->empty()) {
    return std::unexpected(fmt::format(
        "{} contains snapshots ({}), although it is the directory of logs. Are dataDir and dataLogDir swapped?",
        log_dir_, snapshots->front().name));
  }
  const auto logs = list(*disk_, snapshot_dir_, &log_zxid);
  if (logs && !logs->empty()) {
    return std::unexpected(
        fmt::format("{} contains transaction logs ({}), although it is the directory of snapshots. Check dataDir and "
                    "dataLogDir; move the "
                    "logs if dataLogDir is new",
                    snapshot_dir_, logs->front().name));
  }
  return {};
}

void DataDirs::remove_leftovers(const std::string& directory, env::Log& log) const {
  const auto entries = disk_->list(directory);
  if (!entries) return;
  for (const env::DirectoryEntry& entry : *entries) {
    if (entry.is_directory || !entry.name.starts_with(kTemporaryPrefix)) continue;
    const std::string path = directory + "/" + entry.name;
    log.info("Removing {} ({} bytes), an incomplete file of a server that was stopped", path, entry.bytes);
    static_cast<void>(disk_->remove(path));
  }
}

env::DiskResult<std::vector<StoreFile>> DataDirs::snapshots() const {
  auto files = list(*disk_, snapshot_dir_, &snapshot_zxid);
  if (files) std::reverse(files->begin(), files->end());
  return files;
}

env::DiskResult<std::vector<StoreFile>> DataDirs::logs() const {
  return list(*disk_, log_dir_, &log_zxid);
}

env::DiskResult<std::vector<StoreFile>> DataDirs::cuts() const {
  auto files = list(*disk_, log_dir_, &cut_log_zxid);
  if (!files) return files;
  auto snapshots = list(*disk_, snapshot_dir_, &cut_snapshot_zxid);
  if (!snapshots) return snapshots;
  std::ranges::move(*snapshots, std::back_inserter(*files));
  return files;
}

env::DiskResult<bool> DataDirs::has_initialize_marker() const {
  const auto there = disk_->stat(marker_dir_ + "/initialize");
  if (!there) return std::unexpected(there.error());
  return there->has_value();
}

env::DiskResult<void> DataDirs::remove_initialize_marker() const {
  if (const auto removed = disk_->remove(marker_dir_ + "/initialize"); !removed) return removed;
  return disk_->sync_directory(marker_dir_);
}

}  // namespace quoll::store
