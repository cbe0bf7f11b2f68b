#include "apps/backup/source.h"

#include <algorithm>
#include <fmt/format.h>

#include "store/file_names.h"

namespace quoll::apps::backup {

namespace {

env::DiskResult<bool> has_directory(env::Disk& disk, const std::string& path) {
  const auto there = disk.stat(path);
  if (!there) return std::unexpected(there.error());
  return *there && (*there)->is_directory;
}

// The logs and snapshots of one directory are added to `source`.
env::DiskResult<void> gather(env::Disk& disk, const std::string& directory, Source& source) {
  const auto entries = disk.list(directory);
  if (!entries) return std::unexpected(entries.error());
  for (const env::DirectoryEntry& entry : *entries) {
    if (entry.is_directory) continue;
    const std::string path = directory + "/" + entry.name;
    if (const auto zxid = store::log_zxid(entry.name))
      source.logs.push_back({*zxid, entry.name, path, entry.bytes, entry.modified_ms});
    if (const auto zxid = store::snapshot_zxid(entry.name))
      source.snapshots.push_back({*zxid, entry.name, path, entry.bytes, entry.modified_ms});
  }
  return {};
}

// "version-2" below it if there is one; otherwise itself.
env::DiskResult<std::string> files_of(env::Disk& disk, const std::string& directory) {
  const std::string below = directory + "/" + std::string(store::kVersionDirectory);
  const auto there = has_directory(disk, below);
  if (!there) return std::unexpected(there.error());
  return *there ? below : directory;
}

std::expected<void, std::string> check_manifest(env::Disk& disk, Source& source, const OnBytes& on_bytes) {
  auto manifest = read_manifest(disk, source.directory);
  if (!manifest) return std::unexpected(manifest.error());
  if (!*manifest) return {};
  const auto wrong = check_files(disk, source.directory, **manifest, on_bytes);
  if (!wrong) return std::unexpected(wrong.error().text);
  if (!wrong->empty()) return std::unexpected(fmt::format("The backup is damaged: {}", wrong->front()));
  source.manifest = std::move(*manifest);
  return {};
}

env::DiskResult<void> gather_both(env::Disk& disk, const std::string& log_dir, Source& source) {
  const auto snapshots_in = files_of(disk, source.directory);
  if (!snapshots_in) return std::unexpected(snapshots_in.error());
  const auto logs_in = log_dir.empty() ? snapshots_in : files_of(disk, log_dir);
  if (!logs_in) return std::unexpected(logs_in.error());
  if (auto done = gather(disk, *snapshots_in, source); !done) return done;
  if (*logs_in != *snapshots_in) {
    if (auto done = gather(disk, *logs_in, source); !done) return done;
  }
  const auto mark = store::read_durable_mark(disk, *logs_in);
  if (!mark) return std::unexpected(mark.error());
  source.mark = *mark;
  return {};
}

}  // namespace

std::expected<Source, std::string> open_source(env::Disk& disk, const std::string& directory,
                                               const std::string& log_dir, const OnBytes& on_bytes) {
  Source source;
  source.directory = directory;
  const auto there = has_directory(disk, directory);
  if (!there) return std::unexpected(there.error().text);
  if (!*there) return std::unexpected(fmt::format("{} is no directory", directory));
  if (auto good = check_manifest(disk, source, on_bytes); !good) return std::unexpected(good.error());
  if (auto done = gather_both(disk, log_dir, source); !done) return std::unexpected(done.error().text);
  std::ranges::sort(source.snapshots, std::greater{}, &store::StoreFile::zxid);
  std::ranges::sort(source.logs, std::less{}, &store::StoreFile::zxid);
  if (source.snapshots.empty())
    return std::unexpected(
        fmt::format("{} holds no snapshot: it is neither a backup, nor an archive, nor a dataDir", directory));
  return source;
}

}  // namespace quoll::apps::backup
