#include "admin/java_text.h"

#include <gtest/gtest.h>

namespace quoll::admin {
namespace {

// The expected values are what a JVM prints.
TEST(JavaText, doubles_always_have_a_fraction_and_very_large_or_small_ones_an_exponent) {
  EXPECT_EQ(java_double(0), "0.0");
  EXPECT_EQ(java_double(12), "12.0");
  EXPECT_EQ(java_double(4.3333), "4.3333");
  EXPECT_EQ(java_double(-1), "-1.0");
  EXPECT_EQ(java_double(0.001), "0.001");
  EXPECT_EQ(java_double(0.0004), "4.0E-4");
  EXPECT_EQ(java_double(9999999.5), "9999999.5");
  EXPECT_EQ(java_double(1e7), "1.0E7");
  EXPECT_EQ(java_double(12345678.9), "1.23456789E7");
}

TEST(JavaText, averages_are_rounded_to_four_decimals) {
  EXPECT_EQ(four_decimals(13.0 / 3), 4.3333);
  EXPECT_EQ(four_decimals(2.0 / 3), 0.6667);
  EXPECT_EQ(four_decimals(-2.0 / 3), -0.6667);
  EXPECT_EQ(four_decimals(5), 5);
}

TEST(JavaText, addresses_begin_with_a_slash_and_ipv6_is_bracketed_in_full) {
  EXPECT_EQ(java_address({"127.0.0.1", 2181}), "/127.0.0.1:2181");
  EXPECT_EQ(java_address({"::1", 2181}), "/[0:0:0:0:0:0:0:1]:2181");
}

TEST(JavaText, dates_are_utc_with_two_digits_each) {
  EXPECT_EQ(java_date(0), "Thu Jan 01 00:00:00 UTC 1970");
  EXPECT_EQ(java_date(1795522765999), "Tue Nov 24 12:19:25 UTC 2026");
}

}  // namespace
}  // namespace quoll::admin
