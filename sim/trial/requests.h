// Random requests for plans: any operation, any path, often invalid.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

std::string some_path(Draft& draft);
std::string some_data(Draft& draft);
AclList some_acl(Draft& draft);
// A login, sometimes with an unknown scheme.
Ask some_login(Draft& draft);
// A write of one znode, or a check.
Ask some_write(Draft& draft);

// These add to the plan.
void add_write(Draft& draft);
void add_read(Draft& draft);
void add_watch_request(Draft& draft);
// Any of these, a multi, or a closeSession.
void add_any_request(Draft& draft);

}  // namespace quoll::sim
