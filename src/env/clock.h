// Interfaces for time: wall clock, elapsed time, timers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace quoll::env {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970. May jump.
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
  // Microseconds since an arbitrary origin. Never decreases.
  [[nodiscard]] virtual std::int64_t elapsed_us() const = 0;
  [[nodiscard]] std::int64_t elapsed_ms() const { return elapsed_us() / 1000; }
};

// A scheduled call. Destroying it cancels the call.
class Timer {
 public:
  virtual ~Timer() = default;
};

class Timers {
 public:
  virtual ~Timers() = default;
  // Calls `then` once on the loop, not before `delay_ms` have passed. Destroying the returned timer cancels the call.
  [[nodiscard]] virtual std::unique_ptr<Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) = 0;
  // Calls `then` on the loop after the events that are already pending. The call cannot be cancelled.
  virtual void post(std::move_only_function<void()> then) = 0;
};

}  // namespace quoll::env
