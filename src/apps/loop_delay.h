// Measures how late the loop is: what a client's request may have to wait for everything else that the loop does.
#pragma once

#include <memory>

#include "env/clock.h"
#include "server/timings.h"

namespace quoll::apps {

// Ten times a second; stops when it is destroyed. The references must outlive it.
class LoopDelay {
 public:
  LoopDelay(env::Timers& timers, env::Clock& clock, server::Histogram& delays)
      : timers_(timers), clock_(clock), delays_(delays) {
    wait();
  }

 private:
  static constexpr std::int64_t kIntervalMs = 100;
  void wait() {
    const std::int64_t due_us = clock_.elapsed_us() + 1000 * kIntervalMs;
    timer_ = timers_.after(kIntervalMs, [this, due_us] {
      delays_.add_us(clock_.elapsed_us() - due_us);
      wait();
    });
  }
  env::Timers& timers_;
  env::Clock& clock_;
  server::Histogram& delays_;
  std::unique_ptr<env::Timer> timer_;
};

}  // namespace quoll::apps
