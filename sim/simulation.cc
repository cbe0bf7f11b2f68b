#include "sim/simulation.h"

namespace quoll::sim {

bool Simulation::step(std::int64_t until_us) {
  if (!scheduler.step(until_us)) return false;
  if (after_step) after_step();
  return true;
}

bool Simulation::run_until(const std::function<bool()>& holds, std::int64_t limit_ms) {
  const std::int64_t until_us = scheduler.now_us() + limit_ms * 1000;
  while (!holds()) {
    if (!step(until_us)) return holds();
  }
  return true;
}

void Simulation::run_for(std::int64_t ms) {
  const std::int64_t until_us = scheduler.now_us() + ms * 1000;
  while (step(until_us)) {
  }
}

}  // namespace quoll::sim
