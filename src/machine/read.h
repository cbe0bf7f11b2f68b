// Answers requests that change nothing but watches, from the current state.
#pragma once

#include <functional>
#include <optional>

#include "machine/request.h"
#include "machine/rules.h"
#include "machine/state.h"
#include "types/error.h"
#include "types/replies.h"

namespace quoll::machine {

// The input of an operation's read function.
struct Reading {
  const Request& request;
  const Rules& rules;
  const auth::Schemes& schemes;
  State& state;
  // Called by setWatches with the events that the client has missed: (type, path).
  std::function<void(watch::EventType, std::string_view)> catch_up;
  // The size of the reply so far: its bytes, and the memory of the lists from which it is encoded.
  std::size_t reply_bytes = 0;

  // Adds to the reply's size. False: it is too large (kReplyTooLarge) and must not be built further.
  [[nodiscard]] bool grow(std::size_t bytes) {
    reply_bytes += bytes;
    return reply_bytes <= rules.reply_bytes_max;
  }
};

// The error for a read whose reply would be too large. It is an error of the arguments, so that clients do not retry
// (docs/deviations.md).
inline constexpr Error kReplyTooLarge = Error::bad_arguments;

// Views in the body point into the tree, so encode it before anything changes. An error has no body, except for a
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
