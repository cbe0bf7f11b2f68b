// Workers without threads: each job runs at one moment of virtual time, some latency after it was submitted; `done` is
// called later.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "env/worker.h"
#include "sim/event_loop.h"

namespace quoll::sim {

class Workers : public env::Workers {
 public:
  explicit Workers(EventLoop& loop) : loop_(loop) {}
  [[nodiscard]] std::unique_ptr<env::Worker> start(std::string_view name) override;

  // The duration of each job is a random value between these.
  std::int64_t latency_us_min = 50;
  std::int64_t latency_us_max = 2000;
  // After hang() no job of any worker starts until go_on(): simulates a disk that hangs.
  void hang() { hanging_ = true; }
  void go_on();

 private:
  friend class Worker;
  EventLoop& loop_;
  bool hanging_ = false;
  std::vector<std::move_only_function<void()>> waiting_;
};

}  // namespace quoll::sim
