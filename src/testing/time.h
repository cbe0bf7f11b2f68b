// The virtual time of one test, which passes while its thread waits.
#pragma once

#include <thread>

#include "sdk/waiting.h"
#include "sim/simulation.h"

namespace quoll::testing {

class Time : public sdk::VirtualTime {
 public:
  // `wait_max_ms`: what a wait without an end of its own may last.
  Time(sim::Simulation& simulation, std::int64_t wait_max_ms) : simulation_(simulation), wait_max_ms_(wait_max_ms) {}
  bool pass_until(const std::function<bool()>& holds, std::int64_t patience_ms) override;
  // An event of the world is being carried out, and not a call of the test.
  [[nodiscard]] bool is_in_event() const { return is_in_event_; }
  // Ends the process if this is not the thread of the test.
  void check_thread() const;

 private:
  sim::Simulation& simulation_;
  const std::int64_t wait_max_ms_;
  const std::thread::id thread_ = std::this_thread::get_id();
  bool is_in_event_ = false;
};

}  // namespace quoll::testing
