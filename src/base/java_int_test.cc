#include "base/java_int.h"

#include <gtest/gtest.h>

namespace quoll::base {
namespace {

TEST(JavaInt, has_one_sign_at_most_and_digits_to_its_end) {
  EXPECT_EQ(java_int("14"), 14);
  EXPECT_EQ(java_int("+14"), 14);
  EXPECT_EQ(java_int("-0"), 0);
  EXPECT_EQ(java_int("-2147483648"), INT32_MIN);
  EXPECT_EQ(java_int("+fF", 16), 255);
  for (const char* bad : {"", "+", "-", "+-1", "++1", "--1", "-+1", " 1", "1 ", "1a", "2147483648", "\uff11"})
    EXPECT_EQ(java_int(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace quoll::base
