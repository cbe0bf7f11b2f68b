// Checks the record of a trial against the laws of a coordination service. It goes through the history transaction by
// transaction, lets the model execute each request, and compares the transactions and every client's arrivals with it.
#pragma once

#include "sim/trial/model.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

Findings judge(const TrialRecord& record);

// The parts; docs/simulator.md says which laws each checks.
Findings judge_history(const TrialRecord& record);
Findings judge_sessions(const TrialRecord& record);
Findings judge_durability(const TrialRecord& record);
// Reports how a server's state differs from the model at the same zxid.
void compare(const ServerState& state, const Model& model, Findings& findings);

}  // namespace quoll::sim
