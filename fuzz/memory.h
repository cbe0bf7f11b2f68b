// How much memory a piece of code takes at its worst, so that a target can hold it to a bound.
#pragma once

#include <cstddef>

namespace quoll::fuzz {

class PeakMemory {
 public:
  PeakMemory();
  // The most that was allocated at one time since the construction, beyond what was there before.
  [[nodiscard]] std::size_t bytes() const;

 private:
  long long before_;
};

}  // namespace quoll::fuzz
