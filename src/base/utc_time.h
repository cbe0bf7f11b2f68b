// A point in time as a calendar date and a time of day in UTC, for texts that other programs read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace quoll::base {

struct UtcTime {
  int year = 1970;
  unsigned month = 1;    // from 1
  unsigned day = 1;      // from 1
  unsigned weekday = 4;  // from Sunday, which is 0
  unsigned hours = 0;
  unsigned minutes = 0;
  unsigned seconds = 0;
  unsigned milliseconds = 0;

  // Three letters, English.
  [[nodiscard]] constexpr std::string_view month_name() const { return kMonths[month - 1]; }
  [[nodiscard]] constexpr std::string_view weekday_name() const { return kDays[weekday]; }

 private:
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
};

// `wall_ms`: milliseconds since 1970.
constexpr UtcTime utc_time(std::int64_t wall_ms) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(wall_ms)};
  const sys_days day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  UtcTime time;
  time.year = static_cast<int>(date.year());
  time.month = static_cast<unsigned>(date.month());
  time.day = static_cast<unsigned>(date.day());
  time.weekday = std::chrono::weekday(day).c_encoding();
  time.hours = static_cast<unsigned>(clock.hours().count());
  time.minutes = static_cast<unsigned>(clock.minutes().count());
  time.seconds = static_cast<unsigned>(clock.seconds().count());
  time.milliseconds = static_cast<unsigned>(clock.subseconds().count());
  return time;
}

}  // namespace quoll::base
