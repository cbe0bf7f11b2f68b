// Virtual time and the network of a simulated world. It has one thread and no real clock; the seed determines
// everything that can vary. Machines are added to it (sim/machine.h).
#pragma once

#include <cstdint>
#include <functional>

#include "sim/network.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : scheduler(seed), network(scheduler) {}
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Runs until `holds` returns true (returns true), or until `limit_ms` of virtual time have passed (returns false).
  bool run_until(const std::function<bool()>& holds, std::int64_t limit_ms = 600'000);
  void run_for(std::int64_t ms);

  // Called after every event; for invariants.
  std::function<void()> after_step;

  Scheduler scheduler;
  Network network;

 private:
  bool step(std::int64_t until_us);
};

}  // namespace quoll::sim
