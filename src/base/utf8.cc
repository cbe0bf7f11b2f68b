#include "base/utf8.h"

#include <cstring>
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

namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

// The number of malformed bytes at `at` that Java's decoder replaces by a single U+FFFD.
std::size_t malformed_bytes(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const std::size_t left = bytes.size() - at;
  const unsigned char first = byte(0);
  if (first >= 0xe0 && first <= 0xef) {
    if (left < 2 || !is_continuation(byte(1)) || (first == 0xe0 && byte(1) < 0xa0)) return 1;
    if (left < 3 || !is_continuation(byte(2))) return 2;
    return 3;  // a surrogate
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (left < 2 || !is_continuation(byte(1)) || (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
      return 1;
    if (left < 3 || !is_continuation(byte(2))) return 2;
    return 3;
  }
  return 1;
}

void append_three(char32_t point, std::string& out) {
  out.push_back(static_cast<char>(0xe0 | (point >> 12)));
  out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3f)));
  out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
}

}  // namespace

std::string java_decoded(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t start = at;
    if (next_code_point(bytes, at)) {
      out.append(bytes.substr(start, at - start));
    } else {
      at = start + malformed_bytes(bytes, start);
      append_three(0xfffd, out);
    }
  }
  return out;
}

std::string java_round_trip(std::string_view bytes) {
  const std::string decoded = java_decoded(bytes);
  std::string out;
  for (std::size_t at = 0; at < decoded.size();) {
    const std::size_t start = at;
    const auto point = next_code_point(decoded, at);
    if (*point <= 0xffff) {
      out.append(decoded, start, at - start);
    } else {
      const char32_t above = *point - 0x10000;
      append_three(0xd800 + (above >> 10), out);
      append_three(0xdc00 + (above & 0x3ff), out);
    }
  }
  return out;
}

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (!next_code_point(bytes, at)) return false;
  }
  return true;
}

namespace {

// Checks eight bytes at a time, because it runs for every path received or sent.
bool is_ascii(std::string_view bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t seen = 0;
  const auto see = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, kWord);
    seen |= word;
  };
  if (bytes.size() < kWord) {
    for (const char byte : bytes) seen |= static_cast<unsigned char>(byte);
  } else {
    for (std::size_t at = 0; at + kWord <= bytes.size(); at += kWord) see(at);
    see(bytes.size() - kWord);
  }
  return (seen & 0x8080808080808080) == 0;
}

}  // namespace

std::size_t utf16_length(std::string_view bytes) {
  // Nearly every path is ASCII, where a byte is one UTF-16 unit.
  if (is_ascii(bytes)) return bytes.size();
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
    const bool plain = point && *point >= 0x20 && *point != 0x7f && !(*point >= 0x80 && *point < 0xa0) &&
                       *point != '\\' && *point != 0x2028 && *point != 0x2029;
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
