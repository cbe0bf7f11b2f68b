// Guesses what was meant by a text that Apache's server reads differently. Used for hints in warnings, never for
// values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/key.h"

namespace quoll::config {

// "yes", "on", "TRUE # comment" ... are true; "no", "off", "0" ... are false; nullopt if it is unclear.
std::optional<bool> meant_switch(std::string_view text);

// The number, in the key's unit, that "64M", "30s", "100_000" or "5 # comment" stands for.
std::optional<std::int64_t> meant_number(const Key& key, std::string_view text);

// Whether a comment follows in the text; in a properties file it is part of the value.
bool has_comment(std::string_view text);

}  // namespace quoll::config
