// From a server's answer to the value of a call. Replies hold views into the received frame; values own their bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/operations.h"
#include "types/replies.h"

namespace quoll::client {

inline Bytes owned(base::NullableView bytes) {
  return bytes.is_null() ? Bytes() : Bytes(bytes.str());
}
inline std::vector<std::string> owned(const std::vector<std::string_view>& names) {
  return {names.begin(), names.end()};
}

// A view of data that may be null; the data must outlive it.
inline base::NullableView view(const Bytes& bytes) {
  return bytes ? base::NullableView(*bytes) : base::NullableView();
}

}  // namespace quoll::client
