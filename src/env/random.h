// Randomness that a seed can replay in the simulator. In the real world nobody can foretell it: the keys of hash tables
// are drawn from it.
#pragma once

#include <cstdint>

namespace quoll::env {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  // Uniform in [0, bound); 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

}  // namespace quoll::env
