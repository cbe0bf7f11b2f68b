// Measures the peak memory of a piece of code, so that a target can check a limit.
#pragma once

#include <cstddef>

namespace quoll::fuzz {

class PeakMemory {
 public:
  PeakMemory();
  // The maximum of allocated bytes since the construction, minus those allocated before.
  [[nodiscard]] std::size_t bytes() const;

 private:
  long long before_;
};

}  // namespace quoll::fuzz
