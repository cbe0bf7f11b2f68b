// The event loop of one simulated process at a time. All events of the process pass through its gate, which is closed
// while it is suspended; and calls that belong to a process that has ended do nothing.
#pragma once

#include <cstdint>

#include "sim/gate.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class EventLoop {
 public:
  using Call = Gate::Call;

  explicit EventLoop(Scheduler& scheduler) : scheduler_(scheduler) {}
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Scheduler& scheduler() { return scheduler_; }

  // Runs `then` after a delay, when the process runs.
  void after(std::int64_t delay_us, Gate::Kind kind, Call then);
  // Runs `then` a little later, because a turn of the event loop takes time; posts run in the order of the calls.
  void post(Call then);
  // An event from outside of the process, which comes whichever process runs then.
  void pass(Gate::Kind kind, Call then) { gate_.pass(kind, std::move(then)); }

  // Suspends the process: it gets no timers and no bytes until open().
  void close() { gate_.close(); }
  void open();
  // The process has ended, and its objects are destroyed: what they have scheduled does nothing.
  void end_process();

  // The longest duration of a turn of the event loop.
  std::uint64_t turn_us_max = 10;

 private:
  // Runs `then` unless the process that runs now has ended by then.
  [[nodiscard]] Call of_this_process(Call then);
  void schedule_post(Call then);

  Scheduler& scheduler_;
  Gate gate_;
  std::int64_t last_post_us_ = 0;
  std::int64_t process_ = 0;  // counts processes
};

}  // namespace quoll::sim
