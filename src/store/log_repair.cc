#include "store/log_repair.h"

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

// A file name that does not exist yet.
env::DiskResult<std::string> free_name(const DataDirs& dirs, Zxid log, std::int64_t wall_ms) {
  for (int number = 0; number < kNamesTriedMax; ++number) {
    std::string path = dirs.log_dir() + "/" + cut_name(log, wall_ms, number);
    const auto there = dirs.disk().stat(path);
    if (!there) return std::unexpected(there.error());
    if (!*there) return path;
  }
  return std::unexpected(env::DiskError{
      EEXIST, fmt::format("too many names like {} are taken in {}", cut_name(log, wall_ms, 0), dirs.log_dir())});
}

env::DiskResult<void> copy(env::File& from, std::int64_t begin, std::int64_t end, env::File& to) {
  std::string chunk;
  for (std::int64_t at = begin; at < end; at += kKeptChunkBytes) {
    chunk.resize(static_cast<std::size_t>(std::min(kKeptChunkBytes, end - at)));
    const auto got = from.read(at, chunk);
    if (!got) return std::unexpected(got.error());
    if (auto done = to.write(at - begin, std::string_view(chunk).substr(0, *got)); !done) return done;
  }
  return to.sync();
}

class Repair {
 public:
  Repair(const DataDirs& dirs, const LogRepair& what, std::int64_t wall_ms, Reports& reports)
      : dirs_(dirs), disk_(dirs.disk()), what_(what), wall_ms_(wall_ms), reports_(reports) {}

  env::DiskResult<void> run() {
    switch (what_.verdict) {
      case Verdict::remove:
        return remove();
      case Verdict::set_aside:
        return set_aside();
      default:
        return cut();
    }
  }

 private:
  env::DiskResult<void> remove() {
    if (auto done = disk_.remove(what_.file.path); !done) return done;
    reports_.push_back(fmt::format(
        "Removed {}: it was being created when the server stopped and contains no transaction", what_.file.path));
    return {};
  }

  env::DiskResult<void> set_aside() {
    const auto name = free_name(dirs_, what_.file.zxid, wall_ms_);
    if (!name) return std::unexpected(name.error());
    if (auto done = disk_.rename(what_.file.path, *name); !done) return done;
    reports_.push_back(fmt::format(
        "Renamed {} to {}: it was being created when the server stopped and contains no complete transaction ({})",
        what_.file.path, *name, what_.found));
    return {};
  }

  env::DiskResult<void> cut() {
    auto file = disk_.open(what_.file.path, env::OpenMode::update);
    if (!file) return std::unexpected(file.error());
    const auto end = end_of_bytes(**file, what_.offset);
    if (!end) return std::unexpected(end.error());
    const auto kept = keep(**file, *end);
    if (!kept) return std::unexpected(kept.error());
    if (auto done = (*file)->resize(what_.offset); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
    reports_.push_back(fmt::format(
        "Cut the torn end off {} at offset {} ({}{}; {} bytes). {}. {}. The last transaction "
        "is 0x{:x}",
        what_.file.path, what_.offset, what_.found, what_.has_entries ? ", with complete entries after it" : "",
        *end - what_.offset, what_is_known(), *kept, static_cast<std::uint64_t>(what_.last.value())));
    return {};
  }

  [[nodiscard]] std::string what_is_known() const {
    if (!what_.durable_offset)
      return fmt::format(
          "There is no record in {} of how far this file was acknowledged; a write in progress when its server "
          "stopped looks like this",
          kDurableName);
    return fmt::format(
        "The file was known to be on stable storage up to offset {}; the bytes after it were being written when the "
        "server stopped and were not acknowledged, unless the power failed and the disk lost what it had confirmed in "
        "the last second",
        *what_.durable_offset);
  }

  // Keeps the bytes in a copy and returns a sentence that says where.
  env::DiskResult<std::string> keep(env::File& file, std::int64_t end) {
    const auto name = free_name(dirs_, what_.file.zxid, wall_ms_);
    if (!name) return std::unexpected(name.error());
    auto done = write_copy(file, end, *name);
    if (done) return fmt::format("The bytes are kept in {}", *name);
    if (!env::is_out_of_space(done.error())) return std::unexpected(done.error());
    // A full disk must not prevent a start after which reads can be served; and the cut itself frees space.
    static_cast<void>(disk_.remove(*name));
    return std::string("The disk has no space to keep the bytes");
  }

  env::DiskResult<void> write_copy(env::File& file, std::int64_t end, const std::string& name) {
    auto made = disk_.open(name, env::OpenMode::create_new);
    if (!made) return std::unexpected(made.error());
    if (auto done = copy(file, what_.offset, end, **made); !done) return done;
    return disk_.sync_directory(dirs_.log_dir());
  }

  const DataDirs& dirs_;
  env::Disk& disk_;
  const LogRepair& what_;
  std::int64_t wall_ms_;
  Reports& reports_;
};

}  // namespace

env::DiskResult<void> repair_log(const DataDirs& dirs, std::span<const LogRepair> repairs, std::int64_t wall_ms,
                                 Reports& reports) {
  for (const LogRepair& repair : repairs) {
    if (auto done = Repair(dirs, repair, wall_ms, reports).run(); !done) return done;
  }
  return {};
}

}  // namespace quoll::store
