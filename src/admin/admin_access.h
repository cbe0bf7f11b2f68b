// Who may use the commands of the AdminServer that change something, or reveal sessions, paths, addresses or settings:
// whoever has every permission that the ACL of the root znode can give (CVE-2025-58457: each permission is checked by
// itself). So they are as open or as closed as the tree itself.
#pragma once

#include <string>

#include "http/message.h"
#include "server/server.h"

namespace quoll::admin {

// What a command requires.
enum class Guard {
  none,
  root_acl,         // the root's ACL admits everybody, or the client proves an identity that it admits
  root_acl_proven,  // the client must send an identity in any case, as Apache's server requires for snapshot and
                    // restore
};

struct Verdict {
  int status = 200;  // 401 or 403: refused
  std::string_view why;
};

// The identity is the field Authorization, "<scheme> <data>". The address of scheme `ip` is that of the connection;
// X-Forwarded-For is never read (CVE-2024-51504). Counts failed logins in `stats`.
Verdict admit(Guard guard, const http::Request& request, const server::Core& core, server::ServerStats& stats);

}  // namespace quoll::admin
