// The requests of the agreement protocol as values; the server executes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/ids.h"

namespace quoll::zab {

// Append this record to the transaction log; appends are in order. The view is valid until the transaction is
// delivered.
struct AppendLog {
  Zxid zxid;
  std::string_view bytes;
};

// The transaction is committed: pass it to the state machine; deliveries are in order.
struct Deliver {
  Zxid zxid;
  std::string bytes;
};

struct Effects {
  std::vector<AppendLog> appends;
  std::vector<Deliver> deliveries;
};

// The log is on stable storage up to and including this zxid. Only the storage side creates this event, after fdatasync
// has returned, and acknowledgements are created from this event alone.
struct LogFlushed {
  Zxid up_to;
};

}  // namespace quoll::zab
