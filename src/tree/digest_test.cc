#include "tree/digest.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace quoll::tree {
namespace {

StatPersisted some_stat(base::Prng& chance) {
  const auto number = [&] { return static_cast<std::int64_t>(chance.next()); };
  const auto small = [&] { return static_cast<std::int32_t>(chance.next()); };
  return {number(), number(), number(), number(), small(), small(), small(), number(), number()};
}

TEST(Digest, with_changed_numbers_equals_the_digest_of_the_whole) {
  base::Prng chance(1);
  for (int i = 0; i < 10000; ++i) {
    const std::string path = chance.below(10) == 0 ? "" : "/" + std::string(chance.below(100), 'p');
    const std::string data(chance.below(200), static_cast<char>(chance.next()));
    const base::NullableView given = chance.below(10) == 0 ? base::NullableView() : base::NullableView(data);
    const StatPersisted before = some_stat(chance);
    StatPersisted after = chance.below(2) == 0 ? some_stat(chance) : before;
    after.cversion = static_cast<std::int32_t>(chance.next());
    ASSERT_EQ(digest_with_numbers(path, node_digest(path, given, before), before, after),
              node_digest(path, given, after));
  }
}

TEST(Digest, of_uncounted_znodes_stays_zero) {
  const StatPersisted before;
  StatPersisted after;
  after.version = 7;
  EXPECT_EQ(node_digest("/zookeeper/quota", "x", before), 0U);
  EXPECT_EQ(digest_with_numbers("/zookeeper/quota", 0, before, after), 0U);
  EXPECT_NE(digest_with_numbers("/zookeeper", node_digest("/zookeeper", "", before), before, after), 0U);
}

}  // namespace
}  // namespace quoll::tree
