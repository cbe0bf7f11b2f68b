// Workloads by name: each adds one step of a typical use at a time.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

// Adds the next step of the draft's workload, or sometimes another request.
void add_step(Draft& draft);

}  // namespace quoll::sim
