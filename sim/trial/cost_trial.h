// A history for the law of cost: one client sends requests that are expensive to answer, generated from a seed, and
// another one reads. The cost of an event is limited by what was requested in it, and its time by that of a turn.
#pragma once

#include "sim/trial/trial.h"

namespace quoll::sim {

inline constexpr const char* kCostWorkload = "cost";

// Only the seed of the plan is used.
Outcome run_cost_trial(const Plan& plan);

}  // namespace quoll::sim
