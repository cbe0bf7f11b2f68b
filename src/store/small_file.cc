#include "store/small_file.h"

#include <charconv>
#include <fmt/format.h>

namespace quoll::store {

std::expected<std::optional<std::string>, std::string> read_small_file(env::Disk& disk, const std::string& path) {
  constexpr std::size_t kBytesMax = 4096;
  const auto there = disk.stat(path);
  if (!there) return std::unexpected(there.error().text);
  if (!*there) return std::nullopt;
  const auto file = disk.open(path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error().text);
  std::string text(kBytesMax + 1, '\0');
  const auto got = (*file)->read(0, text);
  if (!got) return std::unexpected(got.error().text);
  if (*got > kBytesMax)
    return std::unexpected(
        fmt::format("{} is longer than {} bytes, the most that such a file may have", path, kBytesMax));
  text.resize(*got);
  return text;
}

env::DiskResult<void> replace_small_file(env::Disk& disk, const std::string& directory, const std::string& path,
                                         std::string_view text, env::OpenMode mode) {
  const std::string temporary = path + ".tmp";
  {
    auto file = disk.open(temporary, mode);
    if (!file) return std::unexpected(file.error());
    if (auto done = (*file)->write(0, text); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
  }
  if (auto done = disk.rename(temporary, path); !done) return done;
  return disk.sync_directory(directory);
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

std::optional<std::int64_t> decimal(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace quoll::store
