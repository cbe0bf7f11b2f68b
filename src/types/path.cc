#include "types/path.h"

#include "base/utf8.h"

namespace quoll::path {

namespace {

bool is_forbidden(char32_t c) {
  return (c > 0 && c <= 0x1f) || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || (c >= 0xfff0);
}

// True if the component from `start` to `end` is "." or "..".
bool is_dots(std::string_view path, std::size_t start, std::size_t end) {
  const std::string_view component = path.substr(start, end - start);
  return component == "." || component == "..";
}

}  // namespace

std::string_view invalid_reason(std::string_view path) {
  if (path.empty()) return "path length must be > 0";
  if (path.front() != '/') return "path must start with /";
  if (path.size() == 1) return {};
  if (path.back() == '/') return "path must not end with /";
  std::size_t component = 1;
  for (std::size_t at = 1; at < path.size();) {
    if (path[at] == '/') {
      if (at == component) return "empty node name";
      if (is_dots(path, component, at)) return "relative paths not allowed";
      component = ++at;
      continue;
    }
    const auto point = base::next_code_point(path, at);
    // Java decodes malformed bytes to U+FFFD, which is in the forbidden range, and code points above U+FFFF to
    // surrogates.
    if (!point || *point == 0 || is_forbidden(*point)) return "invalid character";
  }
  if (is_dots(path, component, path.size())) return "relative paths not allowed";
  return {};
}

bool is_special(std::string_view path) {
  return path == "/" || path == kZookeeper || path == kQuota || path == kConfig;
}

std::string_view top_namespace(std::string_view path) {
  if (path.size() < 2 || path.front() != '/') return {};
  path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

}  // namespace quoll::path
