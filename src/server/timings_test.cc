#include "server/timings.h"

#include <gtest/gtest.h>

namespace quoll::server {
namespace {

TEST(HistogramTest, a_duration_counts_for_every_bound_that_it_does_not_exceed) {
  Histogram histogram;
  histogram.add_us(1'000);
  histogram.add_us(1'001);
  histogram.add_us(60'000'000);
  EXPECT_EQ(histogram.at_most(2), 0);   // 500 us
  EXPECT_EQ(histogram.at_most(3), 1);   // 1 ms
  EXPECT_EQ(histogram.at_most(4), 2);   // 2.5 ms
  EXPECT_EQ(histogram.at_most(14), 2);  // 10 s
  EXPECT_EQ(histogram.count(), 3);
  EXPECT_EQ(histogram.sum_us(), 60'002'001);
}

TEST(CommitTimesTest, each_write_is_measured_until_its_commit) {
  CommitTimes times;
  Histogram histogram;
  times.on_propose(Zxid{1}, 100);
  times.on_propose(Zxid{2}, 200);
  times.on_commit(Zxid{1}, 1'100, histogram);
  times.on_commit(Zxid{2}, 2'200, histogram);
  times.on_commit(Zxid{3}, 9'000, histogram);  // was not proposed here
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.sum_us(), 3'000);
}

TEST(CommitTimesTest, a_commit_is_one_of_everything_before) {
  CommitTimes times;
  Histogram histogram;
  for (int zxid = 1; zxid <= 3; ++zxid) times.on_propose(Zxid{zxid}, 100 * zxid);
  times.on_commit(Zxid{2}, 1'000, histogram);
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.sum_us(), 900 + 800);
  EXPECT_FALSE(times.is_empty());
  times.on_commit(Zxid{3}, 1'000, histogram);
  EXPECT_TRUE(times.is_empty());
}

TEST(CommitTimesTest, proposals_of_a_lost_lead_are_forgotten_and_those_beyond_the_ring_not_measured) {
  CommitTimes times;
  Histogram histogram;
  times.on_propose(Zxid{1}, 0);
  times.forget();
  times.on_commit(Zxid{1}, 10, histogram);
  EXPECT_EQ(histogram.count(), 0);
  for (int zxid = 1; zxid <= 3000; ++zxid) times.on_propose(Zxid{zxid}, 0);
  for (int zxid = 1; zxid <= 3000; ++zxid) times.on_commit(Zxid{zxid}, 10, histogram);
  EXPECT_EQ(histogram.count(), 1024);
  times.on_propose(Zxid{3001}, 0);
  times.on_commit(Zxid{3001}, 10, histogram);
  EXPECT_EQ(histogram.count(), 1025);
}

}  // namespace
}  // namespace quoll::server
