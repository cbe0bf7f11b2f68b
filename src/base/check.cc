#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace quoll::base {

void invariant_broken(const char* file, int line, std::string_view what) noexcept {
  std::fprintf(stderr, "%s:%d: invariant broken: %.*s\n", file, line, static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace quoll::base
