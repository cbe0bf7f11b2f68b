// A client's request as the state machine gets it: session, operation and identities.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/schemes.h"
#include "types/ids.h"
#include "types/opcode.h"
#include "types/requests.h"
#include "types/txn.h"
#include "watch/watch.h"

namespace quoll::machine {

struct Request {
  SessionId session;
  std::int32_t cxid = 0;
  OpCode op = OpCode::ping;
  const RequestBody& body;
  const auth::Identities& identities;
  watch::WatcherId watcher;  // the connection that sent it; 0 for the server's own requests
  enum { client, server } origin = client;
};

}  // namespace quoll::machine
