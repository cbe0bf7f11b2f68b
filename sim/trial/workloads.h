// What clients come for: each workload by its name, a step at a time.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

// The next step of the draft's workload, or now and then something else.
void add_step(Draft& draft);

}  // namespace quoll::sim
