// Workers without threads: each job runs whole at its moment of virtual time, some latency after it was given; `done`
// comes later.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "env/worker.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class Workers : public env::Workers {
 public:
  explicit Workers(Scheduler& scheduler) : scheduler_(scheduler) {}
  [[nodiscard]] std::unique_ptr<env::Worker> start(std::string_view name) override;

  // A job takes between these, drawn anew for each.
  std::int64_t latency_us_min = 50;
  std::int64_t latency_us_max = 2000;
  // While set, no job of any worker starts: a disk that hangs.
  void hang() { hanging_ = true; }
  void go_on();

 private:
  friend class Worker;
  Scheduler& scheduler_;
  bool hanging_ = false;
  std::vector<std::move_only_function<void()>> waiting_;
};

}  // namespace quoll::sim
