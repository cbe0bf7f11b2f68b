// The reply to a client after its transaction has been applied.
#pragma once

#include <optional>

#include "machine/apply.h"
#include "types/replies.h"

namespace quoll::machine {

// nullopt if the reply has a header only (delete, closeSession). Views point into the transaction.
std::optional<ReplyBody> reply_to(OpCode op, const ApplyResult& result);

}  // namespace quoll::machine
