// Holds a story against the laws of a coordination service. It goes through the history transaction by transaction,
// lets the model decide each request anew, and reads every client's arrivals along with it.
#pragma once

#include "sim/trial/model.h"
#include "sim/trial/story.h"

namespace quoll::sim {

Findings judge(const Story& story);

// The parts, each a law or a few (docs/simulator.md says which).
Findings judge_history(const Story& story);
Findings judge_sessions(const Story& story);
Findings judge_durability(const Story& story);
// How a portrait differs from the model at the same zxid.
void compare(const Portrait& portrait, const Model& model, Findings& findings);

}  // namespace quoll::sim
