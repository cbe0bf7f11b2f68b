// Keeps a line that repeats from filling the log: the first ones are written, the others are counted, and a summary
// tells how many there were.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "env/log.h"

namespace quoll::os {

// Lines are alike if they differ only in numbers, addresses and quoted text. Not for several threads at once.
class LogThrottle {
 public:
  static constexpr std::int64_t kWindowMs = 10'000;
  static constexpr int kLinesPerWindow = 20;
  static constexpr std::size_t kKindsMax = 256;  // of lines; one more makes it forget the others, with their summaries

  struct Summary {
    env::Level level = env::Level::info;
    std::string text;
  };

  // False: the line is counted and not to be written. `now_ms` never goes back. Lines below `info` always pass.
  [[nodiscard]] bool admits(env::Level level, std::string_view line, std::int64_t now_ms);
  // Of the windows that have ended; with `all`, of those too that have not.
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
