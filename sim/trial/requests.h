// Requests without a purpose, for plans: any of them, at any path, often wrong.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

std::string some_path(Draft& draft);
std::string some_data(Draft& draft);
AclList some_acl(Draft& draft);
// Somebody logs in, now and then by a scheme that nobody knows.
Ask some_login(Draft& draft);
// A write of one znode, or a check.
Ask some_write(Draft& draft);

// These go into the plan.
void add_write(Draft& draft);
void add_read(Draft& draft);
void add_watch_request(Draft& draft);
// Any of these, or a multi, or the end of a session.
void add_any_request(Draft& draft);

}  // namespace quoll::sim
