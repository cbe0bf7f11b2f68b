#include "sim/trial/plain_text.h"

#include <fmt/format.h>

namespace quoll::sim {

std::string text_of(const Stat& s) {
  return fmt::format("c{} m{} ct{} mt{} v{} cv{} av{} e{:x} l{} n{} p{}", s.czxid, s.mzxid, s.ctime, s.mtime, s.version,
                     s.cversion, s.aversion, static_cast<std::uint64_t>(s.ephemeral_owner), s.data_length,
                     s.num_children, s.pzxid);
}

std::string text_of(const AclList& acl) {
  std::string text;
  for (const Acl& entry : acl) text += fmt::format("[{} {} {}]", entry.perms, entry.id.scheme, entry.id.id);
  return text;
}

std::string short_of(std::string_view data) {
  return fmt::format("{}:{:x}:{}", data.size(), std::hash<std::string_view>{}(data), data.substr(0, 12));
}

}  // namespace quoll::sim
