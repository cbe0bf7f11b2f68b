#include "store/file_names.h"

#include <charconv>
#include <fmt/format.h>

namespace quoll::store {

namespace {

std::optional<Zxid> hex_zxid(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  // Beyond a Java long there are no zxids: snapshot.ffffffffffffffff is what Apache's server leaves when it does not
  // know its own.
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

}  // namespace quoll::store
