// Parses numbers as Java does.
#pragma once

#include <optional>
#include <string_view>

namespace quoll::base {

// Integer.parseInt: an optional sign, then digits of the base (2 to 36) in either case. nullopt for anything else and
// for values outside of int. Accepts ASCII digits only; Java also accepts those of other scripts (docs/deviations.md).
std::optional<int> java_int(std::string_view text, int base = 10);

}  // namespace quoll::base
