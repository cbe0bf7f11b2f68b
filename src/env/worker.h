// Work that may block (fsync, big files) leaves the loop through here and comes back as an event.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace quoll::env {

// A queue of its own: jobs run one after another in the order given, each to its end, beside the loop. A job touches
// only what it owns or what the loop leaves alone until `done`; in the simulator it runs at its moment of virtual time.
class Worker {
 public:
  virtual ~Worker() = default;  // waits for the jobs already given; their `done` calls are dropped
  // `done` is called on the loop after `job` has returned.
  virtual void run(std::move_only_function<void()> job, std::move_only_function<void()> done) = 0;
};

class Workers {
 public:
  virtual ~Workers() = default;
  // `name` (at most 15 bytes) is what a person sees in a thread list.
  [[nodiscard]] virtual std::unique_ptr<Worker> start(std::string_view name) = 0;
};

}  // namespace quoll::env
