// Bytes as MiB, for messages.
#pragma once

#include <cstdint>

namespace quoll::base {

[[nodiscard]] constexpr double mib(std::int64_t bytes) {
  return static_cast<double>(bytes) / 1048576.0;
}

}  // namespace quoll::base
