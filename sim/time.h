// The clock and the timers of a simulated machine.
#pragma once

#include <cstdint>
#include <memory>

#include "env/clock.h"
#include "sim/event_loop.h"

namespace quoll::sim {

class Clock : public env::Clock {
 public:
  explicit Clock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  [[nodiscard]] std::int64_t wall_ms() const override { return wall_base_ms_ + own_us() / 1000; }
  [[nodiscard]] std::int64_t elapsed_us() const override {
    asked_us_ += us_per_question;
    return origin_us_ + own_us() + asked_us_;
  }
  // Working code reads the clock repeatedly: each time this much time passes, as if the work had taken it.
  std::int64_t us_per_question = 0;
  // The total time that has passed in this way.
  [[nodiscard]] std::int64_t asked_us() const { return asked_us_; }
  // Sets the wall clock forward or back.
  void jump_wall(std::int64_t by_ms) { wall_base_ms_ += by_ms; }
  // From now on the clock gains this much on virtual time, or loses it; more than -1,000,000.
  void set_drift(std::int64_t parts_per_million);
  // The origin of the elapsed time, which differs between machines. Set it before anybody reads the clock.
  void set_origin(std::int64_t origin_us) { origin_us_ = origin_us; }
  // How long a span of this clock takes.
  [[nodiscard]] std::int64_t virtual_us(std::int64_t span_us) const;

 private:
  // Microseconds since the world began, as this clock counts them.
  [[nodiscard]] std::int64_t own_us() const;

  const Scheduler& scheduler_;
  std::int64_t wall_base_ms_ = 1'700'000'000'000;
  std::int64_t origin_us_ = 0;
  std::int64_t drift_ppm_ = 0;
  std::int64_t drifts_since_us_ = 0;  // virtual
  std::int64_t own_then_us_ = 0;
  mutable std::int64_t asked_us_ = 0;
};

class Timers : public env::Timers {
 public:
  Timers(EventLoop& loop, const Clock& clock) : loop_(loop), clock_(clock) {}
  [[nodiscard]] std::unique_ptr<env::Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) override;
  void post(std::move_only_function<void()> then) override { loop_.post(std::move(then)); }

 private:
  EventLoop& loop_;
  const Clock& clock_;
};

}  // namespace quoll::sim
