// Assertions that stay enabled in production: a broken invariant aborts the process with its place and reason.
#pragma once

#include <string_view>

namespace quoll::base {

// Writes "file:line: invariant broken: what" to standard error and aborts. Never returns.
[[noreturn]] void invariant_broken(const char* file, int line, std::string_view what) noexcept;

}  // namespace quoll::base

#define QUOLL_CHECK(condition, what)                               \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::quoll::base::invariant_broken(__FILE__, __LINE__, (what)); \
  } while (false)
