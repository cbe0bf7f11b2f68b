#include "store/set_aside.h"

#include <algorithm>
#include <fmt/format.h>

#include "store/file_names.h"

namespace quoll::store {

namespace {

constexpr std::int64_t kKeptChunkBytes = std::int64_t{1} << 20;
constexpr int kNamesTriedMax = 1000;

// The offset after the file's last non-zero byte, but at least `from`. Only padding follows.
env::DiskResult<std::int64_t> end_of_bytes(env::File& file, std::int64_t from) {
  const auto size = file.size();
  if (!size) return std::unexpected(size.error());
  std::string chunk;
  for (std::int64_t end = *size; end > from;) {
    const std::int64_t start = std::max(from, end - kKeptChunkBytes);
    chunk.resize(static_cast<std::size_t>(end - start));
    const auto got = file.read(start, chunk);
    if (!got) return std::unexpected(got.error());
    const std::size_t last = std::string_view(chunk).substr(0, *got).find_last_not_of('\0');
    if (last != std::string_view::npos) return start + static_cast<std::int64_t>(last) + 1;
    end = start;
  }
  return from;
}

std::string directory_of(const StoreFile& file) {
  return file.path.substr(0, file.path.size() - file.name.size() - 1);
}

// A path that does not exist yet.
env::DiskResult<std::string> free_path(env::Disk& disk, const StoreFile& file, std::int64_t wall_ms) {
  for (int number = 0; number < kNamesTriedMax; ++number) {
    std::string path = directory_of(file) + "/" + cut_name(file.name, wall_ms, number);
    const auto there = disk.stat(path);
    if (!there) return std::unexpected(there.error());
    if (!*there) return path;
  }
  return std::unexpected(env::DiskError{EEXIST, fmt::format("too many names like {} are taken in {}",
                                                            cut_name(file.name, wall_ms, 0), directory_of(file))});
}

env::DiskResult<void> copy_bytes(env::File& from, std::int64_t begin, std::int64_t end, env::File& to) {
  std::string chunk;
  for (std::int64_t at = begin; at < end; at += kKeptChunkBytes) {
    chunk.resize(static_cast<std::size_t>(std::min(kKeptChunkBytes, end - at)));
    const auto got = from.read(at, chunk);
    if (!got) return std::unexpected(got.error());
    if (auto done = to.write(at - begin, std::string_view(chunk).substr(0, *got)); !done) return done;
  }
  return to.sync();
}

env::DiskResult<void> write_copy(env::Disk& disk, env::File& file, std::int64_t begin, std::int64_t end,
                                 const std::string& directory, const std::string& path) {
  auto made = disk.open(path, env::OpenMode::create_new);
  if (!made) return std::unexpected(made.error());
  if (auto done = copy_bytes(file, begin, end, **made); !done) return done;
  return disk.sync_directory(directory);
}

}  // namespace

env::DiskResult<std::string> set_aside(const DataDirs& dirs, const StoreFile& file, std::int64_t wall_ms) {
  auto path = free_path(dirs.disk(), file, wall_ms);
  if (!path) return path;
  if (auto done = dirs.disk().rename(file.path, *path); !done) return std::unexpected(done.error());
  return path;
}

env::DiskResult<KeptTail> keep_tail(const DataDirs& dirs, const StoreFile& log, std::int64_t offset,
                                    std::int64_t wall_ms) {
  auto file = dirs.disk().open(log.path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error());
  const auto end = end_of_bytes(**file, offset);
  if (!end) return std::unexpected(end.error());
  const auto path = free_path(dirs.disk(), log, wall_ms);
  if (!path) return std::unexpected(path.error());
  const auto done = write_copy(dirs.disk(), **file, offset, *end, directory_of(log), *path);
  if (done) return KeptTail{*end - offset, *path};
  if (!env::is_out_of_space(done.error())) return std::unexpected(done.error());
  // A full disk must not prevent the cut, which itself frees space.
  static_cast<void>(dirs.disk().remove(*path));
  return KeptTail{*end - offset, {}};
}

}  // namespace quoll::store
