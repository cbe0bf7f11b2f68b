#include "store/archive.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <map>

#include "store/file_names.h"

namespace quoll::store {

namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_there(env::Disk& disk, const std::string& path) {
  const auto there = disk.stat(path);
  return !there || there->has_value();
}

bool cannot_link(const env::DiskError& error) {
  return error.code == EXDEV || error.code == EPERM || error.code == EOPNOTSUPP || error.code == ENOSYS ||
         error.code == EMLINK;
}

class Adding {
 public:
  Adding(env::Disk& disk, const std::string& archive, const StoreFile& file)
      : disk_(disk),
        file_(file),
        temporary_(fmt::format("{}/{}archive.{}", archive, kTemporaryPrefix, file.name)),
        final_(archive + "/" + file.name) {}

  env::DiskResult<void> run() {
    if (auto done = make(); !done) {
      [[maybe_unused]] const auto removed = disk_.remove(temporary_);
      return done;
    }
    return disk_.rename(temporary_, final_);
  }

 private:
  env::DiskResult<void> make() {
    // One that an earlier attempt has left.
    const auto left = disk_.stat(temporary_);
    if (!left) return std::unexpected(left.error());
    if (*left) {
      if (auto removed = disk_.remove(temporary_); !removed) return removed;
    }
    const auto linked = disk_.link(file_.path, temporary_);
    if (linked || !cannot_link(linked.error())) return linked;
    if (auto copied = copy(); !copied) return copied;
    return compare();
  }

  env::DiskResult<void> copy() {
    const auto from = disk_.open(file_.path, env::OpenMode::read);
    if (!from) return std::unexpected(from.error());
    const auto to = disk_.open(temporary_, env::OpenMode::create);
    if (!to) return std::unexpected(to.error());
    std::string piece(kCopyBytes, '\0');
    std::int64_t offset = 0;
    while (true) {
      const auto got = (*from)->read(offset, piece);
      if (!got) return std::unexpected(got.error());
      if (*got == 0) return (*to)->sync();
      if (auto written = (*to)->write(offset, std::string_view(piece).substr(0, *got)); !written) return written;
      offset += static_cast<std::int64_t>(*got);
    }
  }

  env::DiskResult<void> compare() {
    const auto from = disk_.open(file_.path, env::OpenMode::read);
    if (!from) return std::unexpected(from.error());
    const auto to = disk_.open(temporary_, env::OpenMode::read);
    if (!to) return std::unexpected(to.error());
    std::string piece(kCopyBytes, '\0');
    std::string copied(kCopyBytes, '\0');
    std::int64_t offset = 0;
    while (true) {
      const auto got = (*from)->read(offset, piece);
      if (!got) return std::unexpected(got.error());
      const auto there = (*to)->read(offset, copied);
      if (!there) return std::unexpected(there.error());
      if (*got != *there ||
          !std::equal(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got), copied.begin()))
        return std::unexpected(
            env::DiskError{EIO, fmt::format("{} is not what was written: it differs from {}", temporary_, file_.path)});
      if (*got == 0) return {};
      offset += static_cast<std::int64_t>(*got);
    }
  }

  env::Disk& disk_;
  const StoreFile& file_;
  const std::string temporary_;
  const std::string final_;
};

// What belongs into the archive, oldest first.
env::DiskResult<std::vector<StoreFile>> files_to_archive(const DataDirs& dirs, Zxid committed) {
  auto files = dirs.snapshots();
  if (!files) return files;
  const auto logs = dirs.logs();
  if (!logs) return logs;
  for (std::size_t i = 0; i + 1 < logs->size(); ++i) {
    // Its last transaction is before the first of the next log.
    if ((*logs)[i + 1].zxid <= committed) files->push_back((*logs)[i]);
  }
  std::ranges::stable_sort(*files, std::less{}, &StoreFile::zxid);
  return files;
}

}  // namespace

Archived archive_files(const DataDirs& dirs, const std::string& archive, Zxid committed) {
  Archived result;
  const auto stop = [&](const env::DiskError& error) {
    result.error = error;
    return result;
  };
  const auto entries = dirs.disk().list(archive);
  if (!entries) return stop(entries.error());
  std::map<std::string, std::int64_t> held;
  for (const env::DirectoryEntry& entry : *entries) held.emplace(entry.name, entry.bytes);
  const auto files = files_to_archive(dirs, committed);
  if (!files) return stop(files.error());
  for (const StoreFile& file : *files) {
    const auto at = held.find(file.name);
    if (at != held.end() && at->second == file.bytes) continue;
    const auto added = Adding(dirs.disk(), archive, file).run();
    if (!added && added.error().code == ENOENT && !is_there(dirs.disk(), file.path)) continue;  // purged
    if (!added) return stop(added.error());
    result.names.push_back(file.name);
  }
  if (result.names.empty()) return result;
  if (auto synced = dirs.disk().sync_directory(archive); !synced) return stop(synced.error());
  return result;
}

bool belongs_into_archive(const std::string& path) {
  return log_zxid(name_of(path)) || snapshot_zxid(name_of(path));
}

env::DiskResult<bool> is_archived(env::Disk& disk, const std::string& archive, const std::string& path) {
  const auto file = disk.stat(path);
  if (!file) return std::unexpected(file.error());
  const auto there = disk.stat(archive + "/" + name_of(path));
  if (!there) return std::unexpected(there.error());
  return *file && *there && (*file)->bytes == (*there)->bytes;
}

}  // namespace quoll::store
