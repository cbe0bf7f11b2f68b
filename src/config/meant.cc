#include "config/meant.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "config/text.h"

namespace quoll::config {
namespace {

// The position where a comment begins, or the end of the text.
std::size_t comment_at(std::string_view text) {
  return std::min({text.find('#'), text.find("//"), text.find(';'), text.size()});
}

struct Unit {
  std::string_view ending;
  std::int64_t size;
};

constexpr std::array kByteUnits = {Unit{"k", 1 << 10}, Unit{"kb", 1 << 10}, Unit{"kib", 1 << 10},
                                   Unit{"m", 1 << 20}, Unit{"mb", 1 << 20}, Unit{"mib", 1 << 20},
                                   Unit{"g", 1 << 30}, Unit{"gb", 1 << 30}, Unit{"gib", 1 << 30}};
constexpr std::array kTimeUnits = {Unit{"ms", 1},       Unit{"s", 1000},      Unit{"sec", 1000},    Unit{"m", 60'000},
                                   Unit{"min", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};

std::optional<std::int64_t> with_unit(std::span<const Unit> units, std::string_view ending, std::int64_t count,
                                      std::int64_t unit_of_key) {
  const auto unit = std::ranges::find(units, ending, &Unit::ending);
  std::int64_t all = 0;
  if (unit == units.end() || __builtin_mul_overflow(count, unit->size, &all)) return std::nullopt;
  return all % unit_of_key == 0 ? std::optional(all / unit_of_key) : std::nullopt;
}

}  // namespace

bool has_comment(std::string_view text) {
  return comment_at(text) < text.size();
}

std::optional<bool> meant_switch(std::string_view text) {
  const auto word = lower_case(trimmed(text.substr(0, comment_at(text))));
  constexpr std::string_view kOn[] = {"true", "yes", "on", "1", "enable", "enabled", "t", "y"};
  constexpr std::string_view kOff[] = {"false", "no", "off", "0", "disable", "disabled", "f", "n"};
  if (std::ranges::find(kOn, word) != std::end(kOn)) return true;
  if (std::ranges::find(kOff, word) != std::end(kOff)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> meant_number(const Key& key, std::string_view text) {
  text = trimmed(text.substr(0, comment_at(text)));
  std::string digits;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool between = (text[at] == '_' || text[at] == ',') && at > 0;
    if (!between && (text[at] < '0' || text[at] > '9')) break;
    if (!between) digits += text[at];
  }
  const auto count = parse_int(digits, Digits::decimal);
  const auto ending = lower_case(trimmed(text.substr(at)));
  if (!count || ending.empty()) return count;
  if (key.unit == "ms") return with_unit(kTimeUnits, ending, *count, 1);
  if (key.unit == "s") return with_unit(kTimeUnits, ending, *count, 1000);
  if (key.unit == "bytes") return with_unit(kByteUnits, ending, *count, 1);
  if (key.unit == "KiB") return with_unit(kByteUnits, ending, *count, 1024);
  return std::nullopt;
}

}  // namespace quoll::config
