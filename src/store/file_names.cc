#include "store/file_names.h"

#include <charconv>
#include <chrono>
#include <fmt/format.h>

namespace quoll::store {

namespace {

std::optional<Zxid> hex_zxid(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  // Zxids are at most the largest Java long. Apache's server writes snapshot.ffffffffffffffff when it does not know its
  // zxid.
  if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size() || value > INT64_MAX)
    return std::nullopt;
  return Zxid{static_cast<std::int64_t>(value)};
}

}  // namespace

std::string log_name(Zxid zxid) {
  return fmt::format("log.{:x}", static_cast<std::uint64_t>(zxid.value()));
}

std::string snapshot_name(Zxid zxid, std::string_view suffix) {
  return fmt::format("snapshot.{:x}{}", static_cast<std::uint64_t>(zxid.value()), suffix);
}

std::optional<Zxid> log_zxid(std::string_view name) {
  if (!name.starts_with("log.")) return std::nullopt;
  return hex_zxid(name.substr(4));
}

std::optional<Zxid> snapshot_zxid(std::string_view name) {
  if (!name.starts_with("snapshot.")) return std::nullopt;
  name.remove_prefix(9);
  for (const std::string_view suffix : {".gz", ".snappy"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return hex_zxid(name);
}

std::string cut_name(Zxid log, std::int64_t wall_ms, int number) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{wall_ms}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("log-{:x}.cut-{:04}{:02}{:02}T{:02}{:02}{:02}Z{}", static_cast<std::uint64_t>(log.value()),
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), number == 0 ? std::string() : fmt::format("-{}", number));
}

std::optional<Zxid> cut_log_zxid(std::string_view name) {
  if (!name.starts_with("log-")) return std::nullopt;
  const std::size_t dot = name.find(".cut-");
  return dot == std::string_view::npos ? std::nullopt : hex_zxid(name.substr(4, dot - 4));
}

}  // namespace quoll::store
