#include <fmt/format.h>

#include "base/utf8.h"
#include "client/client.h"

namespace quoll::client {

namespace {

bool is_forbidden(char32_t c) {
  return (c > 0 && c <= 0x1f) || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0;
}

std::string caused_by(const std::string& path, std::string_view reason, std::size_t at) {
  return fmt::format("Invalid path string \"{}\" caused by {} @{}", path, reason, at);
}

}  // namespace

std::string path_trouble(const std::string& path) {
  if (path.empty()) return "Path length must be > 0";
  if (path.front() != '/') return "Path must start with / character";
  if (path.size() == 1) return {};
  if (path.back() == '/') return "Path must not end with / character";
  std::size_t component = 1;  // where the name begins, in bytes
  std::size_t unit = 1;       // as Java counts
  for (std::size_t at = 1; at <= path.size();) {
    if (at == path.size() || path[at] == '/') {
      const std::string_view name = std::string_view(path).substr(component, at - component);
      if (name.empty()) return caused_by(path, "empty node name specified", unit);
      if (name == "." || name == "..") return caused_by(path, "relative paths not allowed", unit - 1);
      component = ++at;
      ++unit;
      continue;
    }
    const auto point = base::next_code_point(path, at);
    if (point && *point == 0) return caused_by(path, "null character not allowed", unit);
    if (!point || is_forbidden(*point)) return caused_by(path, "invalid character", unit);
    ++unit;
  }
  return {};
}

}  // namespace quoll::client
