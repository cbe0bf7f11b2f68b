// Small readings of text that the room shares: Java's trim, lists, numbers, yes and no.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::config {

// Java's String.trim: control characters and blanks off both ends.
std::string_view trimmed(std::string_view text);
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Every piece between separators, empty ones too; at least one.
std::vector<std::string_view> split(std::string_view text, char separator);
// The pieces between commas, trimmed, empty ones left out.
std::vector<std::string> comma_list(std::string_view text);

// "true" or "false" in any case.
std::optional<bool> parse_bool(std::string_view text);
// "yes" or "no" in any case.
std::optional<bool> parse_yes_no(std::string_view text);

// How Java reads an integer: of zoo.cfg's own keys with Integer.parseInt (decimal), of properties with Integer.decode
// (also 0x1f, #1f and octal 017).
enum class Digits { decimal, any_base };
// nullopt: not a whole number of 64 bits.
std::optional<std::int64_t> parse_int(std::string_view text, Digits digits);
std::optional<double> parse_real(std::string_view text);

// A number of hours, or a number followed by ms, s, m, h or d; in milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

}  // namespace quoll::config
