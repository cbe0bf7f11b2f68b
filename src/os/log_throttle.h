// Limits repeated log lines: the first ones are written, the others are counted, and a summary reports how many there
// were.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "env/log.h"

namespace quoll::os {

// Lines are of the same kind if they differ only in numbers, addresses and quoted text. Not thread-safe.
class LogThrottle {
 public:
  static constexpr std::int64_t kWindowMs = 10'000;
  static constexpr int kLinesPerWindow = 20;
  static constexpr std::size_t kKindsMax = 256;  // at this many kinds all are dropped, after their summaries

  struct Summary {
    env::Level level = env::Level::info;
    std::string text;
  };

  // Returns false if the line is only counted and must not be written. `now_ms` never decreases. Lines below `info` are
  // always admitted.
  [[nodiscard]] bool admits(env::Level level, std::string_view line, std::int64_t now_ms);
  // The summaries of windows that have ended; with `all`, also of current ones.
  [[nodiscard]] std::vector<Summary> summaries(std::int64_t now_ms, bool all = false);

 private:
  struct Kind {
    env::Level level = env::Level::info;
    std::int64_t since_ms = 0;
    std::int64_t lines = 0;
    std::string last;
  };
  std::unordered_map<std::string, Kind> kinds_;
  std::vector<Summary> forgotten_;
};

}  // namespace quoll::os
