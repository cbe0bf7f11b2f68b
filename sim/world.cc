#include "sim/world.h"

#include <algorithm>

namespace quoll::sim {

void Log::write(env::Level, std::string_view line) {
  scheduler_.note(line);
  lines_.emplace_back(line);
}

bool Log::has(std::string_view part) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

bool World::step(std::int64_t until_us) {
  if (!scheduler.step(until_us)) return false;
  if (after_step) after_step();
  return true;
}

void World::go_on() {
  const auto first = scheduler.chance().below(2) == 0 ? Gate::Kind::timer : Gate::Kind::other;
  for (Gate::Call& call : scheduler.process().open(first)) scheduler.post(std::move(call));
}

bool World::run_until(const std::function<bool()>& holds, std::int64_t limit_ms) {
  const std::int64_t until_us = scheduler.now_us() + limit_ms * 1000;
  while (!holds()) {
    if (!step(until_us)) return holds();
  }
  return true;
}

void World::run_for(std::int64_t ms) {
  const std::int64_t until_us = scheduler.now_us() + ms * 1000;
  while (step(until_us)) {
  }
}

}  // namespace quoll::sim
