// What a call of the client comes to: a value, or why there is none and whether the server may have done it all the
// same.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "types/error.h"

namespace quoll::client {

// What is known of a request that failed.
enum class Fate {
  not_sent,        // no server has seen it, and none will: it can be sent again without harm
  may_be_applied,  // it was sent, and its answer is lost or late: a write may have happened, or happen yet
  answered,        // a server has refused it; nothing was changed
};

struct Failure {
  // ZooKeeper's code. connection_loss: the connection ended before the answer; request_timeout: the deadline passed or
  // the call was cancelled; bad_arguments with Fate::not_sent: the client itself refused it.
  Error code = Error::ok;
  Fate fate = Fate::answered;
  std::string text;  // for a person: what happened, and where
  // Of a multi: which of its operations failed, from 0, and the code of each.
  std::optional<std::size_t> operation;
  std::vector<Error> operation_codes;
};

template <typename T>
using Result = std::expected<T, Failure>;

// Called once for each call, on the loop, never from inside the call itself.
template <typename T>
using Done = std::move_only_function<void(Result<T>)>;

}  // namespace quoll::client
