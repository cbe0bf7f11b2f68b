#include "tree/quota.h"

#include <charconv>
#include <fmt/format.h>

#include "types/path.h"

namespace quoll::tree {

std::optional<StatsTrack> StatsTrack::parse(std::string_view text) {
  StatsTrack track;
  if (text.size() > kBytesMax) return std::nullopt;
  // As in Apache's parser, repeated separators count as one, and the text must not begin with a separator.
  if (text.starts_with(',') || text.starts_with(';')) return std::nullopt;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",;");
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    // "bytes=5=": the second equals sign hides the rest from old parsers.
    std::string_view digits = pair.substr(equals + 1);
    if (digits.find_first_not_of('=') == std::string_view::npos) return std::nullopt;
    digits = digits.substr(0, digits.find('='));
    if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
    std::int64_t value = -1;
    if (!digits.empty()) {
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
    }
    track.values_[std::string(pair.substr(0, equals))] = value;
  }
  return track;
}

std::string StatsTrack::text() const {
  std::string out = fmt::format("count={},bytes={}", count(), bytes());
  std::string more;
  for (const auto& [key, value] : values_) {
    if (key != "count" && key != "bytes") more += fmt::format(";{}={}", key, value);
  }
  if (!more.empty()) out += "=" + more;
  return out;
}

void QuotaPaths::add(std::string_view path) {
  hashed_.insert(*paths_.emplace(path).first);
}

void QuotaPaths::remove(std::string_view path) {
  const auto at = paths_.find(path);
  if (at == paths_.end()) return;
  hashed_.erase(*at);
  paths_.erase(at);
}

void QuotaPaths::clear() {
  hashed_.clear();
  paths_.clear();
}

std::string_view QuotaPaths::nearest(std::string_view path) const {
  if (paths_.empty() || path.empty() || path == "/") return {};
  if (const auto at = hashed_.find(path); at != hashed_.end()) return *at;
  for (const base::Hashed& above : base::hashed_ancestors(hashed_.hash_function().key(), path)) {
    if (const auto at = hashed_.find(above); at != hashed_.end()) return *at;
  }
  return {};
}

std::string limit_path(std::string_view path) {
  return fmt::format("{}{}/{}", path::kQuota, path, path::kLimitNode);
}
std::string stat_path(std::string_view path) {
  return fmt::format("{}{}/{}", path::kQuota, path, path::kStatNode);
}

std::optional<std::string_view> quota_path_of(std::string_view path) {
  if (!path.starts_with(path::kQuota)) return std::nullopt;
  const std::string_view of = path.substr(path::kQuota.size());
  if (!of.empty() && of.front() != '/') return std::nullopt;
  return of;
}

}  // namespace quoll::tree
