// Comparing secrets without telling by the time how much of a guess is right.
#pragma once

#include <string_view>

namespace quoll::base {

// The time depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace quoll::base
