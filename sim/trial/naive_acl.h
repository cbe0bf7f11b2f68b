// The model's rules for ACLs, without any code of the server.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "types/acl.h"

namespace quoll::sim {

struct Who {
  std::int64_t session = 0;
  std::vector<Id> identities;
};

// Whether any of the permissions in `perms` is granted.
bool is_allowed(const Who& who, const AclList& acl, std::int32_t perms);
// The list that is stored for the list in a request; nullopt: the list is invalid.
std::optional<AclList> fixed_acl(const Who& who, const AclList& acl);

}  // namespace quoll::sim
