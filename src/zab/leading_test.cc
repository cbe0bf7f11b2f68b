#include "zab/leading.h"

#include <gtest/gtest.h>

namespace quoll::zab {
namespace {

TEST(Leading, a_proposal_is_delivered_only_after_its_log_is_flushed) {
  Leading leader(ServerId{1}, 1, Zxid{5});
  Effects out;
  leader.propose(leader.next_zxid(), "a", out);
  leader.propose(leader.next_zxid(), "b", out);
  EXPECT_EQ(out.appends.size(), 2u);
  EXPECT_TRUE(out.deliveries.empty());
  leader.on(LogFlushed{Zxid{6}}, out);
  ASSERT_EQ(out.deliveries.size(), 1u);
  EXPECT_EQ(out.deliveries[0].bytes, "a");
  leader.on(LogFlushed{Zxid{7}}, out);
  EXPECT_EQ(out.deliveries.size(), 2u);
  EXPECT_EQ(leader.last_committed(), Zxid{7});
}

TEST(Leading, a_quorum_of_two_needs_acks_from_two_different_servers) {
  Leading leader(ServerId{1}, 2, Zxid{0});
  Effects out;
  leader.propose(leader.next_zxid(), "a", out);
  leader.on(LogFlushed{Zxid{1}}, out);
  leader.on(LogFlushed{Zxid{1}}, out);
  EXPECT_TRUE(out.deliveries.empty());
  leader.on_ack(ServerId{2}, Zxid{1}, out);
  EXPECT_EQ(out.deliveries.size(), 1u);
}

}  // namespace
}  // namespace quoll::zab
