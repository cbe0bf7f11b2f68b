// What a client is answered when its transaction has been applied.
#pragma once

#include <optional>

#include "machine/apply.h"
#include "types/replies.h"

namespace quoll::machine {

// nullopt: the header alone (delete, closeSession). The views point into the transaction.
std::optional<ReplyBody> reply_to(OpCode op, const ApplyResult& result);

}  // namespace quoll::machine
