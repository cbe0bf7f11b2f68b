// Measures the work for one connection before others are served, in bytes and time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/limits.h"
#include "server/loop_clock.h"

namespace quoll::server {

class Turn {
 public:
  Turn(const Limits& limits, const LoopClock& clock) : limits_(limits), time_(clock) {}

  // A request has been processed: `bytes` were read and produced for it.
  void add(std::size_t bytes) { bytes_ += kRequestBytes + bytes; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // To be asked after each request.
  [[nodiscard]] bool is_over() { return bytes_ >= limits_.turn_bytes || time_.took_us() >= limits_.turn_us; }
  // A connection with so little work is served even in an event that has no time left for others.
  [[nodiscard]] bool was_short() const {
    return bytes_ < limits_.short_turn_bytes && time_.last_us() < limits_.short_turn_us;
  }

 private:
  // The cost of a request beside its bytes, expressed in bytes.
  static constexpr std::size_t kRequestBytes = 64;

  const Limits& limits_;
  Stopwatch time_;
  std::size_t bytes_ = 0;
};

}  // namespace quoll::server
