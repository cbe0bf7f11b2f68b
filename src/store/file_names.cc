#include "store/file_names.h"

#include <charconv>
#include <fmt/format.h>

#include "base/utc_time.h"

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

std::optional<Zxid> cut_zxid(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind) || !name.contains(".cut-")) return std::nullopt;
  name.remove_prefix(kind.size());
  return hex_zxid(name.substr(0, name.find('.')));
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

std::string cut_name(std::string_view name, std::int64_t wall_ms, int number) {
  const base::UtcTime at = base::utc_time(wall_ms);
  std::string kept(name);
  if (const std::size_t dot = kept.find('.'); dot != std::string::npos) kept[dot] = '-';
  return fmt::format("{}.cut-{:04}{:02}{:02}T{:02}{:02}{:02}Z{}", kept, at.year, at.month, at.day, at.hours, at.minutes,
                     at.seconds, number == 0 ? std::string() : fmt::format("-{}", number));
}

std::optional<Zxid> cut_log_zxid(std::string_view name) {
  return cut_zxid(name, "log-");
}

std::optional<Zxid> cut_snapshot_zxid(std::string_view name) {
  return cut_zxid(name, "snapshot-");
}

}  // namespace quoll::store
