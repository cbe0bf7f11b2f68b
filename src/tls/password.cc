#include "tls/password.h"

#include "base/utf8.h"
#include "tls/read_file.h"

namespace quoll::tls {

std::expected<std::string, std::string> password_from(env::Disk& disk, std::string_view value,
                                                      const std::string& path) {
  constexpr std::int64_t kPasswordBytesMax = 64 * 1024;
  if (path.empty()) return std::string(value);
  auto secret = read_file(disk, path, kPasswordBytesMax);
  if (secret && secret->ends_with('\n')) secret->pop_back();
  return secret;
}

std::string utf16_of(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() * 2);
  const auto put = [&](char32_t unit) {
    out.push_back(static_cast<char>(unit >> 8));
    out.push_back(static_cast<char>(unit & 0xff));
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t point = base::next_code_point(utf8, at).value_or(0xfffd);
    if (point < 0x10000) {
      put(point);
    } else {
      put(0xd800 + ((point - 0x10000) >> 10));
      put(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

}  // namespace quoll::tls
