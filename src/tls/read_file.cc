#include "tls/read_file.h"

#include <fmt/format.h>

namespace quoll::tls {

std::expected<std::string, std::string> read_file(env::Disk& disk, const std::string& path, std::int64_t bytes_max) {
  const auto unreadable = [&](const env::DiskError& error) {
    return std::unexpected(fmt::format("{}: cannot be read: {}", path, error.text));
  };
  auto file = disk.open(path, env::OpenMode::read);
  if (!file) return unreadable(file.error());
  const auto size = (*file)->size();
  if (!size) return unreadable(size.error());
  if (*size > bytes_max) {
    return std::unexpected(fmt::format(
        "{}: it is {} bytes long, and at most {} bytes are accepted; is it the right file?", path, *size, bytes_max));
  }
  std::string bytes(static_cast<std::size_t>(*size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto got = (*file)->read(static_cast<std::int64_t>(have), std::span(bytes).subspan(have));
    if (!got) return unreadable(got.error());
    if (*got == 0) break;  // the file was truncated meanwhile
    have += *got;
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace quoll::tls
