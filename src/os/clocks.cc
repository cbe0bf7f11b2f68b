#include "os/clocks.h"

#include <chrono>

namespace quoll::os {

std::int64_t SystemClock::wall_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t SystemClock::elapsed_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t SystemRandom::next() {
  // The system's own, each time: from what some draws show nobody can tell the others, which are keys of hash tables.
  return (std::uint64_t{device_()} << 32) | device_();
}

}  // namespace quoll::os
