// What passes from the client's thread to the caller's.
#include "sdk/mailbox.h"

#include <gtest/gtest.h>

namespace quoll::sdk {
namespace {

using namespace std::chrono_literals;

TEST(Mailbox, values_come_out_in_order_and_then_nothing) {
  Mailbox<int> box(3, -1);
  box.put(1);
  box.put(2);
  EXPECT_EQ(box.next(0ms), 1);
  EXPECT_EQ(box.next(0ms), 2);
  EXPECT_EQ(box.next(0ms), std::nullopt);
}

TEST(Mailbox, what_is_not_taken_in_time_is_replaced_by_one_value_that_says_so) {
  Mailbox<int> box(3, -1);
  for (int value = 1; value <= 4; ++value) box.put(value);
  EXPECT_EQ(box.next(0ms), -1);
  EXPECT_EQ(box.next(0ms), 4);
  EXPECT_EQ(box.next(0ms), std::nullopt);
}

}  // namespace
}  // namespace quoll::sdk
