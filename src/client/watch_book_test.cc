#include "client/watch_book.h"

#include <gtest/gtest.h>

namespace quoll::client {
namespace {

class Deaf : public Watcher {
  void on_event(const WatchEvent&) override {}
};

TEST(WatchBook, standard_watches_fire_once_and_a_watcher_hears_an_event_once) {
  WatchBook book;
  const auto watcher = std::make_shared<Deaf>();
  book.add(WatchKind::data, "/a", watcher);
  book.add(WatchKind::child, "/a", watcher);
  book.add(WatchKind::recursive, "/", watcher);
  EXPECT_EQ(book.take(EventType::node_deleted, "/a").size(), 1U);
  EXPECT_FALSE(book.has(WatcherType::data, "/a"));
  EXPECT_FALSE(book.has(WatcherType::children, "/a"));
  EXPECT_TRUE(book.has(WatcherType::persistent_recursive, "/"));
}

TEST(WatchBook, recursive_watches_hear_of_descendants_but_not_of_children_lists) {
  WatchBook book;
  const auto watcher = std::make_shared<Deaf>();
  book.add(WatchKind::recursive, "/a", watcher);
  EXPECT_EQ(book.take(EventType::node_created, "/a/b/c").size(), 1U);
  EXPECT_EQ(book.take(EventType::node_children_changed, "/a").size(), 0U);
  EXPECT_EQ(book.take(EventType::node_created, "/ab").size(), 0U);
}

TEST(WatchBook, a_destroyed_watcher_is_forgotten) {
  WatchBook book;
  book.add(WatchKind::data, "/a", std::make_shared<Deaf>());
  EXPECT_EQ(book.take(EventType::node_data_changed, "/a").size(), 0U);
  book.add(WatchKind::data, "/a", std::make_shared<Deaf>());
  EXPECT_TRUE(book.everybody().empty());
  EXPECT_TRUE(book.empty());
}

TEST(WatchBook, catch_up_is_split_into_bounded_frames) {
  WatchBook book;
  const auto watcher = std::make_shared<Deaf>();
  for (int i = 0; i < 100; ++i) book.add(WatchKind::data, "/node" + std::to_string(i), watcher);
  book.add(WatchKind::exist, "/none", watcher);
  std::size_t paths = 0;
  std::size_t frames = 0;
  book.catch_up(
      7, [](const std::string& path) { return "/app" + path; }, 200,
      [&](OpCode op, const RequestBody& body) {
        EXPECT_EQ(op, OpCode::set_watches);
        const auto& request = std::get<SetWatchesRequest>(body);
        EXPECT_EQ(request.relative_zxid, 7);
        std::size_t bytes = 0;
        for (const auto* const list : {&request.data_watches, &request.exist_watches, &request.child_watches}) {
          for (const auto& path : **list) {
            EXPECT_TRUE(path.view().starts_with("/app/no"));
            bytes += 4 + path.size();
            ++paths;
          }
        }
        EXPECT_LE(bytes, 200U);
        ++frames;
      });
  EXPECT_EQ(paths, 101U);
  EXPECT_GT(frames, 5U);
  book.add(WatchKind::persistent, "/p", watcher);
  book.catch_up(
      7, [](const std::string& path) { return path; }, 1 << 20,
      [&](OpCode op, const RequestBody&) { EXPECT_EQ(op, OpCode::set_watches2); });
}

}  // namespace
}  // namespace quoll::client
