// Runs blocking work (fsync, large files) outside of the loop and reports its end as an event.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace quoll::env {

// A job queue: jobs run one at a time, in order, concurrently with the loop. A job accesses only data that it owns or
// that the loop does not touch until `done` is called. In the simulator a job runs at a point of virtual time.
class Worker {
 public:
  virtual ~Worker() = default;  // waits for the queued jobs; their `done` calls are dropped
  // Calls `done` on the loop after `job` has returned.
  virtual void run(std::move_only_function<void()> job, std::move_only_function<void()> done) = 0;
};

class Workers {
 public:
  virtual ~Workers() = default;
  // `name` (at most 15 bytes) is the thread's name in tools such as top.
  [[nodiscard]] virtual std::unique_ptr<Worker> start(std::string_view name) = 0;
};

}  // namespace quoll::env
