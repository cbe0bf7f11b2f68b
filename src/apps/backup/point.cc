#include "apps/backup/point.h"

#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <optional>

namespace quoll::apps::backup {

namespace {

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes digits, `width` of them, and one of the characters that end them; nullopt: they are not there.
class Reading {
 public:
  explicit Reading(std::string_view text) : rest_(text) {}
  int digits(std::size_t width, std::string_view ends) {
    const auto value = number(rest_.substr(0, width), 10);
    is_good_ = is_good_ && value && rest_.size() >= width;
    rest_.remove_prefix(std::min(width, rest_.size()));
    if (!ends.empty()) {
      is_good_ = is_good_ && !rest_.empty() && ends.contains(rest_.front());
      rest_.remove_prefix(rest_.empty() ? 0 : 1);
    }
    return static_cast<int>(value.value_or(0));
  }
  // The rest of a second, in milliseconds.
  int fraction() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    return digits(3, "");
  }
  bool next_is(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool is_good_end() const { return is_good_ && (rest_.empty() || rest_ == "Z"); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<std::int64_t> time_of(std::string_view text) {
  using namespace std::chrono;
  Reading reading(text);
  const year_month_day day{year(reading.digits(4, "-")), month(static_cast<unsigned>(reading.digits(2, "-"))),
                           std::chrono::day(static_cast<unsigned>(reading.digits(2, "T ")))};
  const int hour = reading.digits(2, ":");
  const int minute = reading.digits(2, "");
  const int second = reading.next_is(':') ? reading.digits(2, "") : 0;
  const int millisecond = reading.fraction();
  if (!reading.is_good_end() || !day.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto at = sys_days(day) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(millisecond);
  return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

}  // namespace

std::expected<Until, std::string> point_of(std::string_view text) {
  if (text.empty()) return Until{};
  if (text.starts_with("0x")) {
    if (const auto zxid = number(text.substr(2), 16)) return Until{Zxid{static_cast<std::int64_t>(*zxid)}, {}};
  } else if (const auto time_ms = time_of(text)) {
    return Until{{}, time_ms};
  }
  return std::unexpected(fmt::format(
      "{} is neither a zxid nor a time: write 0x1000000ff, or a time in UTC such as 2026-11-30T09:35:15Z", text));
}

}  // namespace quoll::apps::backup
