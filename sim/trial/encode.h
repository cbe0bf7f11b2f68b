// Requests of a plan as bytes, and replies as the text in which the model answers.
#pragma once

#include <string>

#include "sim/client.h"
#include "sim/trial/plan.h"
#include "types/txn.h"

namespace quoll::sim {

// The body behind the request header.
std::string encoded(const Ask& ask);
// The body of a reply to `ask`, as the model would say it.
std::string answer_text(const Ask& ask, const Arrival& reply);
// What a transaction says, as the model would.
std::string logged_text(const TxnBody& body);

}  // namespace quoll::sim
