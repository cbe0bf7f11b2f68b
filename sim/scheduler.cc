#include "sim/scheduler.h"

#include <algorithm>

namespace quoll::sim {

namespace {
constexpr std::uint64_t kFnvPrime = 0x100000001b3ULL;
}  // namespace

void Scheduler::after(std::int64_t delay_us, std::move_only_function<void()> then) {
  events_.push(Event{now_us_ + std::max<std::int64_t>(0, delay_us), chance_.next(), ++number_,
                     std::make_shared<std::move_only_function<void()>>(std::move(then))});
}

bool Scheduler::step(std::int64_t until_us) {
  if (events_.empty() || events_.top().due_us > until_us) {
    now_us_ = std::max(now_us_, until_us);
    return false;
  }
  const Event event = events_.top();
  events_.pop();
  now_us_ = event.due_us;
  ++steps_;
  mix(static_cast<std::uint64_t>(event.due_us));
  mix(static_cast<std::uint64_t>(event.number));
  (*event.then)();
  return true;
}

void Scheduler::note(std::string_view what) {
  for (const char byte : what) mix(static_cast<unsigned char>(byte));
}

void Scheduler::mix(std::uint64_t word) {
  digest_ = (digest_ ^ word) * kFnvPrime;
}

}  // namespace quoll::sim
