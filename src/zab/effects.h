// What the agreement asks of the world, as values: the server turns them into calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/ids.h"

namespace quoll::zab {

// Append to the transaction log, in this order. The view lives until the transaction is delivered.
struct AppendLog {
  Zxid zxid;
  std::string_view bytes;
};

// A quorum has it on stable storage: hand it to the state machine, in this order.
struct Deliver {
  Zxid zxid;
  std::string bytes;
};

struct Effects {
  std::vector<AppendLog> appends;
  std::vector<Deliver> deliveries;
};

// The log is on stable storage up to and including this zxid. Built by the storage side only, after fdatasync has
// returned: an acknowledgement can't come from anywhere else.
struct LogFlushed {
  Zxid up_to;
};

}  // namespace quoll::zab
