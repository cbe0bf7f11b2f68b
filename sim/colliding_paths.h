// Paths that all have the same hash under std::hash, which has no key: what a client sends who wants a table of ours to
// become a list.
#pragma once

#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <vector>

#include "base/check.h"

namespace quoll::sim {

// MurmurHash64A, as libstdc++ has it, takes eight bytes after another and can be run backwards: the last eight are
// chosen so that they undo what the eight before them did.
class CollidingPaths {
 public:
  std::vector<std::string> make(std::size_t count) {
    std::vector<std::string> paths;
    for (std::uint64_t i = 0; paths.size() < count; ++i) {
      std::string path = "/collide" + fmt::format("{:07x}", i);
      path.insert(path.end(), 16 - path.size(), 'x');
      const std::uint64_t last = unmixed(after(path) ^ kAfterLast);
      path.append(reinterpret_cast<const char*>(&last), 8);
      // A name holds no slash.
      if (path.find('/', 1) != std::string::npos) continue;
      if (paths.empty()) hash_ = std::hash<std::string>{}(path);
      QUOLL_CHECK(std::hash<std::string>{}(path) == hash_, "the paths collide under std::hash");
      paths.push_back(std::move(path));
    }
    return paths;
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  // Its inverse among the numbers of 64 bits.
  static constexpr std::uint64_t kInverse = [] {
    std::uint64_t inverse = kMultiplier;
    for (int i = 0; i < 6; ++i) inverse *= 2 - kMultiplier * inverse;
    return inverse;
  }();
  // Whatever it is, all have it.
  static constexpr std::uint64_t kAfterLast = 0x1234567890abcdef;

  static std::uint64_t shifted(std::uint64_t value) { return value ^ (value >> 47); }
  static std::uint64_t mixed(std::uint64_t word) { return shifted(word * kMultiplier) * kMultiplier; }
  static std::uint64_t unmixed(std::uint64_t word) { return shifted(word * kInverse) * kInverse; }
  // The state after 16 bytes of 24.
  static std::uint64_t after(const std::string& path) {
    std::uint64_t state = 0xc70f6907 ^ (24 * kMultiplier);
    for (std::size_t at = 0; at < 16; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, path.data() + at, 8);
      state = (state ^ mixed(word)) * kMultiplier;
    }
    return state;
  }

  std::size_t hash_ = 0;
};

}  // namespace quoll::sim
