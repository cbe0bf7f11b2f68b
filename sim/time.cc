#include "sim/time.h"

namespace quoll::sim {

namespace {

using Call = std::move_only_function<void()>;

struct Timer : env::Timer {
  explicit Timer(Call then) : call(std::make_shared<Call>(std::move(then))) {}
  std::shared_ptr<Call> call;
};

// A timer is late by up to this, never early.
constexpr std::uint64_t kLateUsMax = 200;

}  // namespace

std::unique_ptr<env::Timer> Timers::after(std::int64_t delay_ms, Call then) {
  auto timer = std::make_unique<Timer>(std::move(then));
  const std::int64_t late_us = static_cast<std::int64_t>(scheduler_.chance().below(kLateUsMax));
  scheduler_.after(delay_ms * 1000 + late_us, [this, call = std::weak_ptr<Call>(timer->call)] {
    scheduler_.process().pass(Gate::Kind::timer, [call] {
      // `held` keeps the call alive: it may destroy its own timer.
      if (const auto held = call.lock()) (*held)();
    });
  });
  return timer;
}

void Timers::post(Call then) {
  scheduler_.post(
      [this, then = std::move(then)]() mutable { scheduler_.process().pass(Gate::Kind::other, std::move(then)); });
}

}  // namespace quoll::sim
