#include "base/keyed_hash.h"

#include <gtest/gtest.h>
#include <string>

namespace quoll::base {
namespace {

// The values are Python 3.11's hash(b"...") with PYTHONHASHSEED=0, which is the zero key.
TEST(KeyedHash, is_siphash_1_3) {
  EXPECT_EQ(keyed_hash({}, "a"), 4644417185603328019U);
  EXPECT_EQ(keyed_hash({}, "abcdefgh"), 4574395652268504554U);
  EXPECT_EQ(keyed_hash({}, "0123456789abcdef01234"), 8995012740120179859U);
}

TEST(KeyedHash, depends_on_both_halves_of_the_key) {
  EXPECT_NE(keyed_hash({1, 0}, "/a"), keyed_hash({}, "/a"));
  EXPECT_NE(keyed_hash({0, 1}, "/a"), keyed_hash({}, "/a"));
}

TEST(KeyedHash, of_ancestors_equals_the_hash_of_each_longest_first) {
  const HashKey key{3, 4};
  std::string path;
  for (int i = 0; i < 40; ++i) path += "/" + std::string(static_cast<std::size_t>(i % 11) + 1, 'n');
  const auto ancestors = hashed_ancestors(key, path);
  ASSERT_EQ(ancestors.size(), 39U);
  std::string_view above = path;
  for (const Hashed& ancestor : ancestors) {
    above = above.substr(0, above.rfind('/'));
    EXPECT_EQ(ancestor.text, above);
    EXPECT_EQ(ancestor.hash, keyed_hash(key, above));
  }
  EXPECT_TRUE(hashed_ancestors(key, "/").empty());
  EXPECT_TRUE(hashed_ancestors(key, "/a").empty());
  EXPECT_TRUE(hashed_ancestors(key, "").empty());
}

}  // namespace
}  // namespace quoll::base
