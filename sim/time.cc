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
constexpr std::int64_t kMillion = 1'000'000;

// `span` times numerator / denominator, without overflow for any span of a simulation.
std::int64_t scaled(std::int64_t span, std::int64_t numerator, std::int64_t denominator) {
  return span / denominator * numerator + span % denominator * numerator / denominator;
}

}  // namespace

std::int64_t Clock::own_us() const {
  const std::int64_t since_us = scheduler_.now_us() - drifts_since_us_;
  return own_then_us_ + since_us + scaled(since_us, drift_ppm_, kMillion);
}

void Clock::set_drift(std::int64_t parts_per_million) {
  own_then_us_ = own_us();
  drifts_since_us_ = scheduler_.now_us();
  drift_ppm_ = parts_per_million;
}

std::int64_t Clock::virtual_us(std::int64_t span_us) const {
  if (drift_ppm_ == 0) return span_us;
  // Rounded up, twice: a timer is never early.
  return scaled(span_us, kMillion, kMillion + drift_ppm_) + 2;
}

std::unique_ptr<env::Timer> Timers::after(std::int64_t delay_ms, Call then) {
  auto timer = std::make_unique<Timer>(std::move(then));
  const std::int64_t late_us = static_cast<std::int64_t>(loop_.scheduler().chance().below(kLateUsMax));
  loop_.after(clock_.virtual_us(delay_ms * 1000) + late_us, Gate::Kind::timer,
              [call = std::weak_ptr<Call>(timer->call)] {
                // `held` keeps the call alive: it may destroy its own timer.
                if (const auto held = call.lock()) (*held)();
              });
  return timer;
}

}  // namespace quoll::sim
