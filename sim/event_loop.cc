#include "sim/event_loop.h"

#include <algorithm>

namespace quoll::sim {

EventLoop::Call EventLoop::of_this_process(Call then) {
  return [this, process = process_, then = std::move(then)]() mutable {
    if (process == process_) then();
  };
}

void EventLoop::after(std::int64_t delay_us, Gate::Kind kind, Call then) {
  scheduler_.after(
      delay_us, [this, kind, then = of_this_process(std::move(then))]() mutable { gate_.pass(kind, std::move(then)); });
}

void EventLoop::post(Call then) {
  schedule_post(
      [this, then = of_this_process(std::move(then))]() mutable { gate_.pass(Gate::Kind::other, std::move(then)); });
}

void EventLoop::schedule_post(Call then) {
  const std::int64_t turn_us = 1 + static_cast<std::int64_t>(scheduler_.chance().below(turn_us_max));
  last_post_us_ = std::max(last_post_us_ + 1, scheduler_.now_us() + turn_us);
  scheduler_.after(last_post_us_ - scheduler_.now_us(), std::move(then));
}

void EventLoop::open() {
  const auto first = scheduler_.chance().below(2) == 0 ? Gate::Kind::timer : Gate::Kind::other;
  for (Call& call : gate_.open(first)) schedule_post(std::move(call));
}

void EventLoop::end_process() {
  ++process_;
  open();
}

}  // namespace quoll::sim
