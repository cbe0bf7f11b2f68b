// Keeps the usage of quotas along with the tree.
#pragma once

#include <cstdint>
#include <string_view>

#include "machine/apply.h"

namespace quoll::machine::ops {

// Adds to the statistics node of the nearest quota above `path`, if there is one. Silent while replaying: recounted at
// the end.
void count_quota(Applier& applier, std::string_view path, std::int64_t bytes_more, std::int64_t count_more);

}  // namespace quoll::machine::ops
