// The clock and the timers of the simulated machine.
#pragma once

#include <cstdint>
#include <memory>

#include "env/clock.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class Clock : public env::Clock {
 public:
  explicit Clock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  [[nodiscard]] std::int64_t wall_ms() const override { return wall_base_ms_ + scheduler_.now_us() / 1000; }
  [[nodiscard]] std::int64_t elapsed_us() const override {
    asked_us_ += us_per_question;
    return scheduler_.now_us() + asked_us_;
  }
  // Working code reads the clock repeatedly: each time this much time passes, as if the work had taken it.
  std::int64_t us_per_question = 0;
  // The total time that has passed in this way.
  [[nodiscard]] std::int64_t asked_us() const { return asked_us_; }
  // Sets the wall clock forward or back.
  void jump_wall(std::int64_t by_ms) { wall_base_ms_ += by_ms; }

 private:
  const Scheduler& scheduler_;
  std::int64_t wall_base_ms_ = 1'700'000'000'000;
  mutable std::int64_t asked_us_ = 0;
};

class Timers : public env::Timers {
 public:
  explicit Timers(Scheduler& scheduler) : scheduler_(scheduler) {}
  [[nodiscard]] std::unique_ptr<env::Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) override;
  void post(std::move_only_function<void()> then) override;

 private:
  Scheduler& scheduler_;
};

}  // namespace quoll::sim
