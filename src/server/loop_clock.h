// The elapsed clock of a server's loop, which knows its last reading. To read it takes several per cent of the time of
// a short request. So within one request, and from one to the next, the last reading serves instead of a new one.
#pragma once

#include <cstdint>

#include "env/clock.h"

namespace quoll::server {

class LoopClock {
 public:
  explicit LoopClock(const env::Clock& clock) : clock_(clock) {}

  std::int64_t now_us() const { return last_us_ = clock_.elapsed_us(); }
  // Old after a pause of the loop: only for what follows a reading in the same event.
  [[nodiscard]] std::int64_t last_us() const { return last_us_; }

 private:
  const env::Clock& clock_;
  mutable std::int64_t last_us_ = 0;
};

// How long a loop in an event has worked. It reads the clock after a step only if the step has not.
class Stopwatch {
 public:
  explicit Stopwatch(const LoopClock& clock) : clock_(clock), began_us_(clock.now_us()), seen_us_(began_us_) {}

  // To be called after each step.
  [[nodiscard]] std::int64_t took_us() {
    seen_us_ = clock_.last_us() == seen_us_ ? clock_.now_us() : clock_.last_us();
    return last_us();
  }
  // What took_us() has returned last.
  [[nodiscard]] std::int64_t last_us() const { return seen_us_ - began_us_; }

 private:
  const LoopClock& clock_;
  std::int64_t began_us_;
  std::int64_t seen_us_;
};

}  // namespace quoll::server
