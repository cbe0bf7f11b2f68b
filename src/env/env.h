// What we ask of the world, all in one hand: a server is given an Env and reaches for nothing else. `os` implements it
// for real, `sim` for the simulator.
#pragma once

#include "env/clock.h"
#include "env/disk.h"
#include "env/log.h"
#include "env/network.h"
#include "env/random.h"
#include "env/worker.h"

namespace quoll::env {

// References outlive every user of them.
struct Env {
  Clock& clock;
  Timers& timers;
  Network& network;
  Disk& disk;
  Workers& workers;
  Random& random;
  Log& log;
};

}  // namespace quoll::env
