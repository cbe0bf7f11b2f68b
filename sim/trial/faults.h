// Faults in a plan: of its clients, and of process, disk, network and clock.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

// A fault of some client at this time.
void add_client_fault(Draft& draft);
// Adds faults that occur in every plan, at random times before now.
void add_world_faults(Draft& draft);
// Adds faults that occur in a few plans.
void add_rare_faults(Draft& draft);

}  // namespace quoll::sim
