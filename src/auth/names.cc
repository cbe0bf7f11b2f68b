#include "auth/names.h"

#include <algorithm>
#include <cctype>

namespace quoll::auth {

bool is_kerberos_name(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return true;
  if (name.find('@', at + 1) != std::string_view::npos) return false;
  const std::string_view before = name.substr(0, at);
  const std::string_view realm = name.substr(at + 1);
  return realm.find('/') == std::string_view::npos && std::count(before.begin(), before.end(), '/') <= 1;
}

namespace {

bool is_attribute(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return false;
  std::string_view key = pair.substr(0, equals);
  while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
  while (!key.empty() && key.back() == ' ') key.remove_suffix(1);
  if (key.empty()) return false;
  return std::all_of(key.begin(), key.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-'; });
}

}  // namespace

bool is_distinguished_name(std::string_view name) {
  if (name.empty()) return true;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const char c = i < name.size() ? name[i] : ',';
    if (i < name.size() && c == '\\') {
      ++i;
    } else if (i < name.size() && c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == ';' || c == '+')) {
      if (!is_attribute(name.substr(start, i - start))) return false;
      start = i + 1;
    }
  }
  return !quoted;
}

bool is_digest_id(std::string_view id) {
  while (!id.empty() && id.back() == ':') id.remove_suffix(1);
  return std::count(id.begin(), id.end(), ':') == 1;
}

}  // namespace quoll::auth
