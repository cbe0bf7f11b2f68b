// Base 64 with padding, as RFC 4648 has it and Java's Base64.getEncoder() writes it.
#pragma once

#include <string>
#include <string_view>

namespace quoll::base {

// On one line.
std::string base64(std::string_view bytes);

}  // namespace quoll::base
