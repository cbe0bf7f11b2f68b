// The only function that converts a length or count to a narrower integer. A value that does not fit ends the process;
// truncating it would write a record that cannot be read.
#pragma once

#include <concepts>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace quoll::base {

template <std::integral To, std::integral From>
[[nodiscard]] constexpr To narrow(From value) {
  QUOLL_CHECK(std::in_range<To>(value), "a length or count fits into its integer type");
  return static_cast<To>(value);
}

// For lengths and counts on the wire and on disk, which Java reads as an int.
template <std::integral From>
[[nodiscard]] constexpr std::int32_t narrow32(From value) {
  return narrow<std::int32_t>(value);
}

}  // namespace quoll::base
