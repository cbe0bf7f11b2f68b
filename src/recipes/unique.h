// Names that nobody else chooses.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <string>

#include "env/random.h"

namespace quoll::recipes {

// A random UUID of version 4, as Curator's names have it.
inline std::string uuid(env::Random& random) {
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | ((low >> 48) & 0x3fff), low & 0xffff'ffff'ffff);
}

}  // namespace quoll::recipes
