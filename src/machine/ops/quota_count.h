// Updates the usage of quotas when the tree changes.
#pragma once

#include <cstdint>
#include <string_view>

#include "machine/apply.h"

namespace quoll::machine::ops {

// Adds to the statistics node of the nearest quota above `path`, if there is one. Does nothing during replay: usage is
// recomputed at its end.
void count_quota(Applier& applier, std::string_view path, std::int64_t bytes_more, std::int64_t count_more);

}  // namespace quoll::machine::ops
