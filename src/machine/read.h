// Requests that change nothing but watches: answered at once from the state as it is.
#pragma once

#include <functional>
#include <optional>

#include "machine/request.h"
#include "machine/rules.h"
#include "machine/state.h"
#include "types/error.h"
#include "types/replies.h"

namespace quoll::machine {

// What an operation sees while it reads.
struct Reading {
  const Request& request;
  const Rules& rules;
  const auth::Schemes& schemes;
  State& state;
  // Events that setWatches owes the client for what it has missed: (type, path).
  std::function<void(watch::EventType, std::string_view)> catch_up;
  // What the reply takes so far: its bytes, and the memory of the lists from which it is encoded.
  std::size_t reply_bytes = 0;

  // The reply grows. False: it is larger than it may be (kReplyTooLarge), and must not be built any further.
  [[nodiscard]] bool grow(std::size_t bytes) {
    reply_bytes += bytes;
    return reply_bytes <= rules.reply_bytes_max;
  }
};

// What a read is answered whose reply would be too large: as for other arguments that can never be taken, so that no
// client tries again (docs/deviations.md).
inline constexpr Error kReplyTooLarge = Error::bad_arguments;

// Views of the body point into the tree; encode it before anything else happens. An error has no body, but for a
// refused multiRead.
struct ReadResult {
  Error err = Error::ok;
  std::optional<ReplyBody> body;

  ReadResult(Error error) : err(error) {}
  ReadResult(ReplyBody reply) : body(std::move(reply)) {}
  ReadResult(Error error, ReplyBody reply) : err(error), body(std::move(reply)) {}
};

ReadResult read(Reading& reading);

}  // namespace quoll::machine
