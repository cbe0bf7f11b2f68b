// The file that says which server of an ensemble this is. Apache's server reads it before every start from a
// configuration file, of a server alone too, and does not start when it holds no number.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace quoll::config {

// The first line, as Java's Long.parseLong reads it: blanks are no part of a number. The error says what must be there.
std::expected<std::int64_t, std::string> parse_myid(std::string_view text);

}  // namespace quoll::config
