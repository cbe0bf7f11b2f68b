#include "config/text.h"

#include <gtest/gtest.h>

namespace quoll::config {
namespace {

TEST(Text, whole_numbers_of_a_file_are_decimal) {
  EXPECT_EQ(parse_int("0", Digits::decimal), 0);
  EXPECT_EQ(parse_int("-12", Digits::decimal), -12);
  EXPECT_EQ(parse_int("+12", Digits::decimal), 12);
  EXPECT_EQ(parse_int("012", Digits::decimal), 12);
  for (const auto* bad : {"", "-", "1x", "0x10", " 1", "1.5", "+-1", "9223372036854775808"}) {
    EXPECT_EQ(parse_int(bad, Digits::decimal), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_int("-9223372036854775808", Digits::decimal), std::numeric_limits<std::int64_t>::min());
}

TEST(Text, whole_numbers_of_properties_are_read_as_integer_decode_does) {
  EXPECT_EQ(parse_int("0x3fffff", Digits::any_base), 0x3fffff);
  EXPECT_EQ(parse_int("-0X10", Digits::any_base), -16);
  EXPECT_EQ(parse_int("#ff", Digits::any_base), 255);
  EXPECT_EQ(parse_int("010", Digits::any_base), 8);
  EXPECT_EQ(parse_int("0", Digits::any_base), 0);
  for (const auto* bad : {"08", "0x", "#", "0x-1"}) EXPECT_EQ(parse_int(bad, Digits::any_base), std::nullopt) << bad;
}

TEST(Text, durations_count_hours_unless_they_say_otherwise) {
  EXPECT_EQ(parse_duration_ms("0"), 0);
  EXPECT_EQ(parse_duration_ms("24"), 86'400'000);
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("30s"), 30'000);
  EXPECT_EQ(parse_duration_ms("5 m"), 300'000);
  EXPECT_EQ(parse_duration_ms("2h"), 7'200'000);
  EXPECT_EQ(parse_duration_ms("1d"), 86'400'000);
  for (const auto* bad : {"", "d", "1w", "x", "9223372036854775807"})
    EXPECT_EQ(parse_duration_ms(bad), std::nullopt) << bad;
}

TEST(Text, fractions_are_finite_numbers) {
  EXPECT_EQ(parse_real("0.33"), 0.33);
  EXPECT_EQ(parse_real("1"), 1.0);
  for (const auto* bad : {"", "nan", "inf", "1,5"}) EXPECT_EQ(parse_real(bad), std::nullopt) << bad;
}

TEST(Text, lists_drop_blanks_and_empty_pieces) {
  EXPECT_EQ(comma_list(" a, b ,,c,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(comma_list("").empty());
}

TEST(Text, trim_takes_control_characters_too) {
  EXPECT_EQ(trimmed("\t\r\n a b \x01"), "a b");
}

TEST(Text, booleans_are_true_and_false_in_any_case) {
  EXPECT_EQ(parse_bool("TRUE"), true);
  EXPECT_EQ(parse_bool("False"), false);
  EXPECT_EQ(parse_bool("yes"), std::nullopt);
  EXPECT_EQ(parse_yes_no("yes"), true);
  EXPECT_EQ(parse_yes_no("true"), std::nullopt);
}

}  // namespace
}  // namespace quoll::config
