// The system's clocks and random numbers.
#pragma once

#include <random>

#include "env/clock.h"
#include "env/random.h"

namespace quoll::os {

class SystemClock : public env::Clock {
 public:
  [[nodiscard]] std::int64_t wall_ms() const override;
  [[nodiscard]] std::int64_t elapsed_us() const override;
};

class SystemRandom : public env::Random {
 public:
  std::uint64_t next() override;

 private:
  std::random_device device_;
};

}  // namespace quoll::os
