// Reads the answers to four-letter words.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quoll::apps {

// What follows `key` in the line that begins with it.
inline std::optional<std::string_view> line_of(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  while (at != std::string_view::npos && at != 0 && text[at - 1] != '\n') at = text.find(key, at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find('\n'));
}

// A number at the beginning of that; `base` 16: after "0x".
inline std::optional<std::int64_t> number_of(std::string_view text, std::string_view key, int base = 10) {
  auto line = line_of(text, key);
  if (!line) return std::nullopt;
  if (base == 16 && line->starts_with("0x")) line->remove_prefix(2);
  std::uint64_t number = 0;
  const bool is_negative = base == 10 && line->starts_with('-');
  const char* const begin = line->data() + (is_negative ? 1 : 0);
  if (std::from_chars(begin, line->data() + line->size(), number, base).ec != std::errc{}) return std::nullopt;
  return is_negative ? -static_cast<std::int64_t>(number) : static_cast<std::int64_t>(number);
}

inline bool is_refused_word(std::string_view answer) {
  return answer.contains("is not in the whitelist");
}

inline bool says_not_serving(std::string_view answer) {
  return answer.contains("not currently serving requests");
}

}  // namespace quoll::apps
