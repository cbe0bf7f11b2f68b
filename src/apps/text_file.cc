#include "apps/text_file.h"

#include <fmt/format.h>

namespace quoll::apps {

std::expected<std::string, std::string> read_text_file(env::Disk& disk, const std::string& path) {
  const auto file = disk.open(path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error().text);
  // Reading one byte more than allowed detects a file that is too long, whatever size the file system reports.
  std::string text(kTextFileBytesMax + 1, '\0');
  const auto got = (*file)->read(0, text);
  if (!got) return std::unexpected(got.error().text);
  if (*got > kTextFileBytesMax) {
    return std::unexpected(
        fmt::format("{} is longer than the {} bytes that are read; is it the right file?", path, kTextFileBytesMax));
  }
  text.resize(*got);
  text.shrink_to_fit();
  return text;
}

}  // namespace quoll::apps
