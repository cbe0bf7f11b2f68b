#include "base/java_int.h"

#include <gtest/gtest.h>

namespace quoll::base {
namespace {

TEST(JavaInt, accepts_an_optional_sign_and_digits_only) {
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
