#include "tree/quota.h"

#include <gtest/gtest.h>

namespace quoll::tree {
namespace {

TEST(Quota, parses_its_own_text_and_hides_hard_limits_from_old_parsers) {
  const auto track = StatsTrack::parse("count=5,bytes=-1=;byteHardLimit=10;countHardLimit=7");
  ASSERT_TRUE(track);
  EXPECT_EQ(track->count(), 5);
  EXPECT_EQ(track->byte_hard_limit(), 10);
  EXPECT_EQ(track->text(), "count=5,bytes=-1=;byteHardLimit=10;countHardLimit=7");
  EXPECT_FALSE(StatsTrack::parse("count=x"));
  EXPECT_FALSE(StatsTrack::parse("nonsense"));
  EXPECT_FALSE(StatsTrack::parse(",count=1"));
  EXPECT_FALSE(StatsTrack::parse("count="));
  EXPECT_EQ(StatsTrack::parse("count=+1,;bytes==2")->count(), 1);
}

TEST(Quota, only_the_nearest_quota_applies) {
  QuotaPaths quotas;
  quotas.add("/a");
  quotas.add("/a/b");
  EXPECT_EQ(quotas.nearest("/a/b/c"), "/a/b");
  EXPECT_EQ(quotas.nearest("/a/c"), "/a");
  EXPECT_EQ(quotas.nearest("/ab"), "");
}

TEST(Quota, a_text_longer_than_any_tool_writes_is_ignored) {
  const std::string text = "count=1,bytes=2";
  std::string most = text;
  while (most.size() < StatsTrack::kBytesMax) most += ",";
  EXPECT_TRUE(StatsTrack::parse(most));
  EXPECT_FALSE(StatsTrack::parse(most + ","));
}

// Looking up each level separately would hash or compare 10 GB each time.
TEST(Quota, the_quota_of_a_deep_path_is_found_in_one_pass) {
  QuotaPaths quotas({1, 2});
  std::string path;
  for (int i = 0; i < 100000; ++i) path += "/a";
  quotas.add(path);
  quotas.add("/a/a");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(quotas.nearest(path + "/a"), path);
    EXPECT_EQ(quotas.nearest(std::string_view(path).substr(0, path.size() - 2)), "/a/a");
  }
  quotas.remove("/a/a");
  EXPECT_EQ(quotas.nearest("/a/a/a"), "");
}

}  // namespace
}  // namespace quoll::tree
