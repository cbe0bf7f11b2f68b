#include "base/utf8.h"

#include <fmt/format.h>

namespace quoll::base {

std::optional<char32_t> next_code_point(std::string_view bytes, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first > 0xf4 || at + length > bytes.size()) {
    ++at;
    return std::nullopt;
  }
  char32_t point = first & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      ++at;
      return std::nullopt;
    }
    point = (point << 6) | (byte(at + i) & 0x3f);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
    ++at;
    return std::nullopt;
  }
  at += length;
  return point;
}

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (!next_code_point(bytes, at)) return false;
  }
  return true;
}

std::size_t utf16_length(std::string_view bytes) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto point = next_code_point(bytes, at);
    units += point && *point > 0xffff ? 2 : 1;
  }
  return units;
}

std::string escaped(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  const bool cut = bytes.size() > bytes_max;
  if (cut) bytes = bytes.substr(0, bytes_max);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t start = at;
    const auto point = next_code_point(bytes, at);
    const bool plain = point && *point >= 0x20 && *point != 0x7f && !(*point >= 0x80 && *point < 0xa0) && *point != '\\' &&
                       *point != 0x2028 && *point != 0x2029;
    if (plain) {
      out.append(bytes.substr(start, at - start));
    } else {
      for (std::size_t i = start; i < at; ++i) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[i]));
    }
  }
  if (cut) out += "...";
  return out;
}

}  // namespace quoll::base
