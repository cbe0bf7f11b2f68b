// UTF-8 as Java sees it: which code points a byte string holds, and what a malformed one turns into.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quoll::base {

// Decodes one code point at `at` and moves `at` behind it. nullopt: the bytes there are malformed (at moves one byte
// on).
std::optional<char32_t> next_code_point(std::string_view bytes, std::size_t& at);

// True when every byte belongs to a well-formed code point (surrogates and overlong forms are malformed).
bool is_valid_utf8(std::string_view bytes);

// Length in UTF-16 units, which is what Java calls a string's length.
std::size_t utf16_length(std::string_view bytes);

// What becomes of bytes that Java reads as a string: malformed parts turn into U+FFFD, one each as its decoder counts
// them.
std::string java_decoded(std::string_view bytes);

// The same, written back by Java's jute: code points above U+FFFF leave as two surrogates of three bytes each (CESU-8).
std::string java_round_trip(std::string_view bytes);

// For logs: printable ASCII and well-formed UTF-8 stay; control characters, quotes and malformed bytes become \xNN.
std::string escaped(std::string_view bytes, std::size_t bytes_max = 512);

}  // namespace quoll::base
