// Time, as an argument: what hour it is, how much has passed, and when to wake us.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace quoll::env {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970, may jump.
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
  // Never goes back; the origin means nothing. Microseconds since then.
  [[nodiscard]] virtual std::int64_t elapsed_us() const = 0;
  [[nodiscard]] std::int64_t elapsed_ms() const { return elapsed_us() / 1000; }
};

// A pending call; destroying it cancels the call.
class Timer {
 public:
  virtual ~Timer() = default;
};

class Timers {
 public:
  virtual ~Timers() = default;
  // Calls `then` once on the loop, not before `delay_ms` have passed. The call is dropped when the returned timer is
  // destroyed.
  [[nodiscard]] virtual std::unique_ptr<Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) = 0;
  // Calls `then` on the loop after the events that are already waiting. It can't be taken back.
  virtual void post(std::move_only_function<void()> then) = 0;
};

}  // namespace quoll::env
