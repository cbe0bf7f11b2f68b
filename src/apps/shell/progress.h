// Says how far long work has come: on a terminal, after a second, in one line that goes when the work ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace quoll::apps::shell {

class Progress {
 public:
  // `what` follows the number: "znodes read".
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `total` 0: it is not known.
  void at(std::size_t count, std::size_t total = 0);

 private:
  const std::string what_;
  const bool is_terminal_;
  std::chrono::steady_clock::time_point next_;
  bool is_shown_ = false;
};

}  // namespace quoll::apps::shell
