#include "store/log_repair.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/set_aside.h"

namespace quoll::store {

namespace {

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
    const auto name = store::set_aside(dirs_, what_.file, wall_ms_);
    if (!name) return std::unexpected(name.error());
    reports_.push_back(fmt::format(
        "Renamed {} to {}: it was being created when the server stopped and contains no complete transaction ({})",
        what_.file.path, *name, what_.found));
    return {};
  }

  env::DiskResult<void> cut() {
    auto file = disk_.open(what_.file.path, env::OpenMode::update);
    if (!file) return std::unexpected(file.error());
    const auto kept = keep_tail(dirs_, what_.file, what_.offset, wall_ms_);
    if (!kept) return std::unexpected(kept.error());
    if (auto done = (*file)->resize(what_.offset); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
    reports_.push_back(fmt::format(
        "Cut the torn end off {} at offset {} ({}{}; {} bytes). {}. {}. The last transaction "
        "is 0x{:x}",
        what_.file.path, what_.offset, what_.found, what_.has_entries ? ", with complete entries after it" : "",
        kept->bytes, what_is_known(), where(*kept), static_cast<std::uint64_t>(what_.last.value())));
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

  static std::string where(const KeptTail& kept) {
    if (kept.path.empty()) return "The disk has no space to keep the bytes";
    return fmt::format("The bytes are kept in {}", kept.path);
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
