#include "base/narrow.h"

#include <gtest/gtest.h>

namespace quoll::base {
namespace {

TEST(Narrow, keeps_values_that_fit) {
  EXPECT_EQ(narrow32(std::size_t{0x7fffffff}), 0x7fffffff);
  EXPECT_EQ(narrow<std::uint32_t>(std::size_t{0xffffffff}), 0xffffffffU);
  EXPECT_EQ(narrow<std::uint8_t>(255), 255);
}

TEST(NarrowDeathTest, ends_the_process_for_values_that_do_not_fit) {
  EXPECT_DEATH(static_cast<void>(narrow32(std::size_t{0x80000000})), "fits into its integer");
  EXPECT_DEATH(static_cast<void>(narrow<std::uint32_t>(std::size_t{1} << 32)), "fits into its integer");
  EXPECT_DEATH(static_cast<void>(narrow<std::uint32_t>(-1)), "fits into its integer");
}

}  // namespace
}  // namespace quoll::base
