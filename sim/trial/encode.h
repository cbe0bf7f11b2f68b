// Encodes the requests of a plan, and turns replies into text that is compared with the model's.
#pragma once

#include <string>

#include "sim/client.h"
#include "sim/trial/plan.h"
#include "types/txn.h"

namespace quoll::sim {

// The body after the request header.
std::string encoded(const Ask& ask);
// The body of a reply to `ask`, as text in the model's form.
std::string answer_text(const Ask& ask, const Arrival& reply);
// The body of a transaction, as text in the model's form.
std::string logged_text(const TxnBody& body);

}  // namespace quoll::sim
