#include "config/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace quoll::config {

std::string_view trimmed(std::string_view text) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return lower_case(a) == lower_case(b);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> parts;
  for (const auto part : split(text, ',')) {
    if (const auto word = trimmed(part); !word.empty()) parts.emplace_back(word);
  }
  return parts;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::optional<bool> parse_yes_no(std::string_view text) {
  if (equal_ignoring_case(text, "yes")) return true;
  if (equal_ignoring_case(text, "no")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_int(std::string_view text, Digits digits) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (digits == Digits::any_base) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
      base = 16;
      text.remove_prefix(2);
    } else if (text.starts_with('#')) {
      base = 16;
      text.remove_prefix(1);
    } else if (text.size() > 1 && text.starts_with('0')) {
      base = 8;
      text.remove_prefix(1);
    }
  }
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  if (size > (negative ? kTop : kTop - 1)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - size : size);
}

std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  struct Unit {
    std::string_view ending;
    std::int64_t ms;
  };
  constexpr Unit kUnits[] = {{"ms", 1},        {"s", 1000},       {"m", 60'000},
                             {"h", 3'600'000}, {"d", 86'400'000}, {"", 3'600'000}};
  const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& u) { return text.ends_with(u.ending); });
  const auto count = parse_int(trimmed(text.substr(0, text.size() - unit->ending.size())), Digits::decimal);
  std::int64_t ms = 0;
  if (!count || __builtin_mul_overflow(*count, unit->ms, &ms)) return std::nullopt;
  return ms;
}

}  // namespace quoll::config
