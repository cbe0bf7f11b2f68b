// UTF-8 as Java's decoder treats it: the code points of a byte string, and the replacement of malformed bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quoll::base {

// Decodes the code point at `at` and moves `at` past it. nullopt if the bytes there are malformed; then `at` moves by
// one byte.
std::optional<char32_t> next_code_point(std::string_view bytes, std::size_t& at);

// True if every byte belongs to a well-formed code point. Surrogates and overlong forms are malformed.
bool is_valid_utf8(std::string_view bytes);

// Length in UTF-16 units, which is the length of a Java string.
std::size_t utf16_length(std::string_view bytes);

// The bytes decoded into a Java string and encoded as UTF-8 again: malformed bytes become U+FFFD, grouped as Java's
// decoder groups them.
std::string java_decoded(std::string_view bytes);

// The same, encoded by Java's jute: code points above U+FFFF become two surrogates of three bytes each (CESU-8).
std::string java_round_trip(std::string_view bytes);

// For log lines: keeps printable ASCII and well-formed UTF-8; replaces control characters, quotes and malformed bytes
// by \xNN.
std::string escaped(std::string_view bytes, std::size_t bytes_max = 512);

}  // namespace quoll::base
