// Measures the work for one connection before others are served, in bytes and time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "env/clock.h"
#include "server/limits.h"

namespace quoll::server {

class Turn {
 public:
  Turn(const Limits& limits, const env::Clock& clock) : limits_(limits), clock_(clock), began_us_(clock.elapsed_us()) {}

  // A request has been processed: `bytes` were read and produced for it.
  void add(std::size_t bytes) { bytes_ += kRequestBytes + bytes; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::int64_t took_us() const { return clock_.elapsed_us() - began_us_; }
  [[nodiscard]] bool is_over() const { return bytes_ >= limits_.turn_bytes || took_us() >= limits_.turn_us; }
  // A connection with so little work is served even in an event that has no time left for others.
  [[nodiscard]] bool was_short() const {
    return bytes_ < limits_.short_turn_bytes && took_us() < limits_.short_turn_us;
  }

 private:
  // The cost of a request beside its bytes, expressed in bytes.
  static constexpr std::size_t kRequestBytes = 64;

  const Limits& limits_;
  const env::Clock& clock_;
  std::int64_t began_us_;
  std::size_t bytes_ = 0;
};

}  // namespace quoll::server
