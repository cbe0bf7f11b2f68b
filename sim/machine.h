// One simulated machine: event loop, clock, timers, workers, disk, randomness, log, and its place in the network. One
// process at a time runs on it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "sim/dialer.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/scheduler.h"
#include "sim/simulation.h"
#include "sim/tapped_disk.h"
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
  // Called for each line.
  std::function<void(std::string_view line)> on_line;

 private:
  Scheduler& scheduler_;
  std::vector<std::string> lines_;
};

class Machine {
 public:
  // `address` is numeric.
  Machine(Simulation& simulation, std::string name, std::string address);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] env::Env& env() { return env_; }
  [[nodiscard]] const std::string& name() const { return host_.name; }
  [[nodiscard]] Host& host() { return host_; }

  // Ends the process: its calls of the disk have no effect any more, `destroy` destroys its objects, and what they have
  // scheduled does nothing. Other machines see its connections closed after `kill`, and silent after a power failure,
  // which costs the disk what was not synced: all of it, or some.
  enum class Ending { kill, power_cut, power_cut_torn };
  void end_process(Ending ending, std::move_only_function<void()> destroy);
  // After a power failure the machine has power again. A new process may start.
  void begin_process();

  EventLoop loop;
  Clock clock;
  Timers timers;
  Workers workers;
  MemoryDisk disk;
  TappedDisk process_disk;  // the disk as the process sees it
  Random random;
  Log log;

 private:
  Simulation& simulation_;
  Host& host_;
  NetworkFace network_;
  Dialer dialer_;
  env::Env env_;
};

}  // namespace quoll::sim
