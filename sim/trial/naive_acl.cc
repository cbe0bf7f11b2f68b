#include "sim/trial/naive_acl.h"

#include <algorithm>

namespace quoll::sim {

bool is_allowed(const Who& who, const AclList& acl, std::int32_t perms) {
  if (acl.empty()) return true;
  return std::any_of(acl.begin(), acl.end(), [&](const Acl& entry) {
    if ((entry.perms & perms) == 0) return false;
    if (entry.id == Id{"world", "anyone"}) return true;
    return std::find(who.identities.begin(), who.identities.end(), entry.id) != who.identities.end();
  });
}

std::optional<AclList> fixed_acl(const Who& who, const AclList& acl) {
  AclList result;
  AclList seen;
  for (const Acl& entry : acl) {
    if (std::find(seen.begin(), seen.end(), entry) != seen.end()) continue;
    seen.push_back(entry);
    if (entry.id.scheme == "auth") {
      bool any = false;
      for (const Id& id : who.identities) {
        if (id.scheme != "digest") continue;
        result.push_back(Acl{entry.perms, id});
        any = true;
      }
      if (!any) return std::nullopt;
    } else if (entry.id == Id{"world", "anyone"} || entry.id.scheme == "ip" ||
               (entry.id.scheme == "digest" && entry.id.id.find(':') != std::string::npos)) {
      result.push_back(entry);
    } else {
      return std::nullopt;
    }
  }
  if (acl.empty()) return std::nullopt;
  return result;
}

}  // namespace quoll::sim
