// Parses the file with the server's id in its ensemble. Apache's server reads it at every start from a configuration
// file, even for a standalone server, and does not start if it contains no number.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace quoll::config {

// Parses the first line like Java's Long.parseLong: blanks are not allowed. The error says what the file must contain.
std::expected<std::int64_t, std::string> parse_myid(std::string_view text);

}  // namespace quoll::config
