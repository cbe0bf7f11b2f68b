// Who may do what, as plainly as it can be said.
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

// One of `perms` is enough.
bool is_allowed(const Who& who, const AclList& acl, std::int32_t perms);
// The list that comes of what a client has asked for; nullopt: there is something wrong with it.
std::optional<AclList> fixed_acl(const Who& who, const AclList& acl);

}  // namespace quoll::sim
