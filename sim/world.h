// The simulated world of one server: one machine and the network between it and its clients.
#pragma once

#include <cstdint>

#include "sim/machine.h"
#include "sim/simulation.h"

namespace quoll::sim {

class World : public Simulation {
 public:
  explicit World(std::uint64_t seed) : Simulation(seed), machine(*this, "server1", "127.0.0.1") {}

  [[nodiscard]] env::Env& env() { return machine.env(); }

  // Suspends the process: it gets no timers and no bytes until go_on(). The clients continue.
  void stand_still() { machine.loop.close(); }
  void go_on() { machine.loop.open(); }

  Machine machine;
  EventLoop& loop = machine.loop;
  Clock& clock = machine.clock;
  Timers& timers = machine.timers;
  Workers& workers = machine.workers;
  MemoryDisk& disk = machine.disk;
  Log& log = machine.log;
};

}  // namespace quoll::sim
