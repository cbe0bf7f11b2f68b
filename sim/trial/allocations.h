// What the program has allocated since it began: operator new is replaced in programs that link this.
#pragma once

#include <cstdint>

namespace quoll::sim {

struct Allocations {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

Allocations allocations();

}  // namespace quoll::sim
