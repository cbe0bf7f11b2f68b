#include "watch/watch_table.h"

#include <array>
#include <gtest/gtest.h>

#include "base/prng.h"

namespace quoll::watch {
namespace {

constexpr WatcherId kAnn{1};
constexpr WatcherId kBob{2};

TEST(WatchTable, a_standard_watch_fires_once_and_a_persistent_one_until_removed) {
  WatchTable table;
  table.add("/a", kAnn, Mode::standard);
  table.add("/a", kBob, Mode::persistent);
  EXPECT_EQ(table.trigger("/a"), (std::vector{kAnn, kBob}));
  EXPECT_EQ(table.trigger("/a"), (std::vector{kBob}));
  EXPECT_EQ(table.size(), 1u);
}

TEST(WatchTable, nested_recursive_watches_of_one_watcher_fire_once) {
  WatchTable table;
  table.add("/", kAnn, Mode::persistent_recursive);
  table.add("/a", kAnn, Mode::persistent_recursive);
  EXPECT_EQ(table.trigger("/a/b/c"), (std::vector{kAnn}));
  EXPECT_EQ(table.trigger("/x"), (std::vector{kAnn}));
  table.remove_watcher(kAnn);
  EXPECT_TRUE(table.trigger("/a/b").empty());
  EXPECT_EQ(table.recursive_count(), 0u);
}

TEST(WatchTable, three_modes_on_one_path_are_removed_one_by_one) {
  WatchTable table;
  for (const Mode mode : {Mode::standard, Mode::persistent, Mode::persistent_recursive}) table.add("/a", kAnn, mode);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_TRUE(table.remove("/a", kAnn, Mode::standard));
  EXPECT_FALSE(table.remove("/a", kAnn, Mode::standard));
  EXPECT_TRUE(table.contains("/a", kAnn, Mode::persistent));
  EXPECT_TRUE(table.remove("/a", kAnn, std::nullopt));
  EXPECT_FALSE(table.contains("/a", kAnn, std::nullopt));
  EXPECT_EQ(table.watcher_count(), 0u);
}

TEST(WatchTable, counts_return_to_zero_when_watchers_are_removed) {
  WatchTable table;
  for (int i = 0; i < 1000; ++i)
    table.add("/p" + std::to_string(i % 10), WatcherId{static_cast<std::uint64_t>(i)}, Mode::standard);
  for (int i = 0; i < 1000; ++i) table.remove_watcher(WatcherId{static_cast<std::uint64_t>(i)});
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.path_count(), 0u);
}

TEST(WatchTable, bytes_follow_the_watches_however_they_are_removed) {
  WatchTable table;
  constexpr std::size_t kOne = WatchTable::bytes_of("/a");
  table.add("/a", kAnn, Mode::standard);
  table.add("/a", kAnn, Mode::persistent_recursive);
  EXPECT_EQ(table.bytes_of(kAnn), kOne) << "one watch of two modes";
  table.add("/b", kAnn, Mode::standard);
  table.add("/a", kBob, Mode::standard);
  EXPECT_EQ(table.bytes_of(kAnn), 2 * kOne);
  EXPECT_EQ(table.bytes(), 3 * kOne);
  table.trigger("/b");
  EXPECT_EQ(table.bytes_of(kAnn), kOne);
  table.remove("/a", kBob, std::nullopt);
  EXPECT_EQ(table.bytes_of(kBob), 0U);
  EXPECT_EQ(table.bytes(), kOne);
  table.remove_watcher(kAnn);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST(WatchTable, a_path_is_stored_once_for_two_tables) {
  WatchTable data;
  WatchTable children;
  const SharedPath path = data.add("/a", kAnn, Mode::persistent);
  children.add(path, kAnn, Mode::persistent);
  const char* first = nullptr;
  const char* second = nullptr;
  for (std::size_t part = 0; part < WatchTable::kParts; ++part) {
    data.for_each_in(part, [&](std::string_view text, WatcherId) { first = text.data(); });
    children.for_each_in(part, [&](std::string_view text, WatcherId) { second = text.data(); });
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, nullptr);
}

TEST(WatchTable, its_invariants_hold_after_each_of_many_random_calls) {
  base::Prng chance(7);
  WatchTable table;
  for (int i = 0; i < 3000; ++i) {
    const std::string path = chance.below(2) == 0 ? "/a" : "/a/b" + std::to_string(chance.below(5));
    const WatcherId watcher{1 + chance.below(4) + 4 * static_cast<std::uint64_t>(i / 200)};
    const auto mode = std::array{Mode::standard, Mode::persistent, Mode::persistent_recursive}.at(chance.below(3));
    switch (chance.below(8)) {
      case 0:
        (void)table.remove(path, watcher, mode);
        break;
      case 1:
        (void)table.trigger(path);
        break;
      case 2:
        if (i % 200 > 150) table.remove_watcher(watcher);
        break;
      default:
        if (i % 200 < 150) table.add(path, watcher, mode);
    }
    if (chance.below(4) == 0) (void)table.erase_removed(2);
    table.check_invariants();
  }
}

}  // namespace
}  // namespace quoll::watch
