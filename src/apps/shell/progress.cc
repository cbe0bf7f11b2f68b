#include "apps/shell/progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace quoll::apps::shell {

namespace {
constexpr std::chrono::milliseconds kFirst{1000};
constexpr std::chrono::milliseconds kNext{200};
constexpr std::string_view kClear = "\r\033[K";
}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + kFirst) {}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "{}", kClear);
}

void Progress::at(std::size_t count, std::size_t total) {
  if (!is_terminal_ || std::chrono::steady_clock::now() < next_) return;
  next_ = std::chrono::steady_clock::now() + kNext;
  is_shown_ = true;
  if (total == 0) {
    fmt::print(stderr, "{}{} {}", kClear, count, what_);
  } else {
    fmt::print(stderr, "{}{} of {} {}", kClear, count, total, what_);
  }
  std::fflush(stderr);
}

}  // namespace quoll::apps::shell
