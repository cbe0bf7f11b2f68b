// Parsing functions shared by this room: Java's trim, lists, numbers, booleans.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::config {

// Java's String.trim: removes control characters and blanks at both ends.
std::string_view trimmed(std::string_view text);
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

// All pieces between separators, including empty ones; at least one.
std::vector<std::string_view> split(std::string_view text, char separator);
// The pieces between commas, trimmed and without empty ones.
std::vector<std::string> comma_list(std::string_view text);

// Accepts "true" and "false" in any case.
std::optional<bool> parse_bool(std::string_view text);
// Accepts "yes" and "no" in any case.
std::optional<bool> parse_yes_no(std::string_view text);

// How Java parses an integer: zoo.cfg's own keys with Integer.parseInt (decimal), properties with Integer.decode (also
// 0x1f, #1f and octal 017).
enum class Digits { decimal, any_base };
// nullopt if it is not a 64-bit integer.
std::optional<std::int64_t> parse_int(std::string_view text, Digits digits);
std::optional<double> parse_real(std::string_view text);

// A number of hours, or a number followed by ms, s, m, h or d; returned in milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

}  // namespace quoll::config
