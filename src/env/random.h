// Interface to randomness that a seed can reproduce in the simulator. In production it cannot be predicted: the keys of
// hash tables are drawn from it.
#pragma once

#include <cstdint>

namespace quoll::env {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  // Uniform in [0, bound); 0 if bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

}  // namespace quoll::env
