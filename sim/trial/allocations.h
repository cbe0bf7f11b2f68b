// Counts all allocations since the start of the program. Replaces operator new in programs that link it.
#pragma once

#include <cstdint>

namespace quoll::sim {

struct Allocations {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

Allocations allocations();

}  // namespace quoll::sim
