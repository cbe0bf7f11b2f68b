#include "apps/files/report.h"

#include <filesystem>

#include "base/utc_time.h"
#include "base/utf8.h"
#include "store/file_names.h"

namespace quoll::apps::files {

std::string time_text(std::int64_t wall_ms) {
  const base::UtcTime at = base::utc_time(wall_ms);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", at.year, at.month, at.day, at.hours, at.minutes,
                     at.seconds, at.milliseconds);
}

std::string shown(std::string_view text, std::size_t bytes_max) {
  return base::escaped(text, bytes_max);
}

void print_json(admin::JsonText& json) {
  fmt::print("{}\n", json.take());
}

int complain(std::string_view what) {
  fmt::print(stderr, "{}\n", what);
  return kUnreadable;
}

std::expected<store::StoreFile, std::string> file_of(env::Disk& disk, const std::string& path) {
  const auto there = disk.stat(path);
  if (!there) return std::unexpected(fmt::format("{}: {}", path, there.error().text));
  if (!*there) return std::unexpected(fmt::format("{}: there is no such file", path));
  if ((*there)->is_directory)
    return std::unexpected(fmt::format("{}: is a directory; name a file, or ask quoll data verify", path));
  const std::string name = std::filesystem::path(path).filename().string();
  const auto log = store::log_zxid(name);
  const auto snapshot = store::snapshot_zxid(name);
  return store::StoreFile{log ? *log : snapshot ? *snapshot : Zxid{0}, name, path, (*there)->bytes, 0};
}

}  // namespace quoll::apps::files
