// The simulated world of one server: time, network, disk, randomness and log. It has one thread and no real clock; the
// seed determines everything that can vary.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/scheduler.h"
#include "sim/time.h"
#include "sim/workers.h"

namespace quoll::sim {

class Random : public env::Random {
 public:
  explicit Random(Scheduler& scheduler) : scheduler_(scheduler) {}
  std::uint64_t next() override { return scheduler_.chance().next(); }

 private:
  Scheduler& scheduler_;
};

// Keeps the lines for tests.
class Log : public env::Log {
 public:
  explicit Log(Scheduler& scheduler) : scheduler_(scheduler) {}
  void write(env::Level level, std::string_view line) override;
  [[nodiscard]] bool enabled(env::Level level) const override { return level >= least; }
  [[nodiscard]] bool has(std::string_view part) const;
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  env::Level least = env::Level::info;

 private:
  Scheduler& scheduler_;
  std::vector<std::string> lines_;
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : scheduler(seed),
        clock(scheduler),
        timers(scheduler),
        workers(scheduler),
        network(scheduler),
        random(scheduler),
        log(scheduler) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] env::Env& env() { return env_; }

  // Runs until `holds` returns true (returns true), or until `limit_ms` of virtual time have passed (returns false).
  bool run_until(const std::function<bool()>& holds, std::int64_t limit_ms = 600'000);
  void run_for(std::int64_t ms);

  // Suspends the process: it gets no timers and no bytes until go_on(). The clients continue.
  void stand_still() { scheduler.process().close(); }
  void go_on();

  // Called after every event; for invariants.
  std::function<void()> after_step;

  Scheduler scheduler;
  Clock clock;
  Timers timers;
  Workers workers;
  Network network;
  MemoryDisk disk;
  Random random;
  Log log;

 private:
  bool step(std::int64_t until_us);
  env::Env env_{clock, timers, network, disk, workers, random, log};
};

}  // namespace quoll::sim
