// All interfaces to the outside world in one struct. A server gets an Env and uses nothing else. `os` implements it for
// real, `sim` for the simulator.
#pragma once

#include "env/clock.h"
#include "env/dialer.h"
#include "env/disk.h"
#include "env/log.h"
#include "env/network.h"
#include "env/random.h"
#include "env/worker.h"

namespace quoll::env {

// The referenced objects must outlive all users of the Env.
struct Env {
  Clock& clock;
  Timers& timers;
  Network& network;
  Disk& disk;
  Workers& workers;
  Random& random;
  Log& log;
  Dialer& dialer;
};

}  // namespace quoll::env
