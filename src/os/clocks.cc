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
  // Each number comes from the system: nobody can compute one from others that he has seen, and keys of hash tables are
  // drawn here.
  return (std::uint64_t{device_()} << 32) | device_();
}

}  // namespace quoll::os
