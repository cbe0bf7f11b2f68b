// A history about cost: one client sends what is expensive to answer, from a seed, and another one reads. The law: what
// one event takes is bounded by what was asked, and the time of an event by the time of a turn, whatever is asked.
#pragma once

#include "sim/trial/trial.h"

namespace quoll::sim {

inline constexpr const char* kCostWorkload = "cost";

// Of the plan only the seed counts.
Outcome run_cost_trial(const Plan& plan);

}  // namespace quoll::sim
