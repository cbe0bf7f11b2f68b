// Numbers as Java reads them.
#pragma once

#include <optional>
#include <string_view>

namespace quoll::base {

// Integer.parseInt: one sign, which may be a plus, and digits of the base (2 to 36) of either case; nullopt: anything
// else, and what is no int. ASCII digits only, where Java takes those of other scripts, too (docs/deviations.md).
std::optional<int> java_int(std::string_view text, int base = 10);

}  // namespace quoll::base
