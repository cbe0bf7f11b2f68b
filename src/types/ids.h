// ZooKeeper's identifiers, each as its own type.
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace quoll {

using SessionId = base::Strong<struct SessionIdTag, std::int64_t>;
using ServerId = base::Strong<struct ServerIdTag, std::int64_t>;
using Epoch = base::Strong<struct EpochTag, std::int64_t>;

// Position of a transaction in history: epoch in the high 32 bits, counter in the low 32 bits.
class Zxid {
 public:
  constexpr Zxid() = default;
  constexpr explicit Zxid(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  [[nodiscard]] constexpr Epoch epoch() const { return Epoch{value_ >> 32}; }
  [[nodiscard]] constexpr std::uint32_t counter() const { return static_cast<std::uint32_t>(value_); }
  [[nodiscard]] constexpr Zxid next() const {
    return Zxid{static_cast<std::int64_t>(static_cast<std::uint64_t>(value_) + 1)};
  }
  [[nodiscard]] constexpr Zxid previous() const {
    return Zxid{static_cast<std::int64_t>(static_cast<std::uint64_t>(value_) - 1)};
  }
  friend constexpr auto operator<=>(Zxid, Zxid) = default;

 private:
  std::int64_t value_ = 0;
};

// Whether no transaction is missing between the two, so that `next` may stand behind `previous` in a history: it is the
// next number, or the first of a later epoch. (A server without an ensemble counts on over the end of an epoch; a
// leader never does.)
constexpr bool follows(Zxid previous, Zxid next) {
  return next == previous.next() || (next.epoch() > previous.epoch() && next.counter() == 1);
}

}  // namespace quoll
