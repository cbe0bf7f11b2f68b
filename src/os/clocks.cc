#include "os/clocks.h"

#include <chrono>
#include <random>

namespace quoll::os {

std::int64_t SystemClock::wall_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t SystemClock::elapsed_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

SystemRandom::SystemRandom()
    : state_((static_cast<std::uint64_t>(std::random_device{}()) << 32) | std::random_device{}()) {}

std::uint64_t SystemRandom::next() {
  // splitmix64, which is good enough for spreading snapshots over time, its only use.
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace quoll::os
