// What a person who wrote a text that Apache's server reads otherwise surely meant: for hints in warnings, never for
// the value itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/key.h"

namespace quoll::config {

// "yes", "on", "TRUE # comment" ... are true; "no", "off", "0" ... are false; nullopt: no telling.
std::optional<bool> meant_switch(std::string_view text);

// The number in the key's unit that "64M", "30s", "100_000" or "5 # comment" stands for.
std::optional<std::int64_t> meant_number(const Key& key, std::string_view text);

// Whether the text goes on as a comment, which in a properties file is a part of the value.
bool has_comment(std::string_view text);

}  // namespace quoll::config
