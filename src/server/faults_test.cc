// Rows of docs/faults.md that no other test file covers.
#include "server/test_support.h"

namespace quoll::server {
namespace {

TEST(Faults, c9_a_directory_with_logs_only_gets_its_first_snapshot) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  ASSERT_EQ(s.connected().create("/n"), Error::ok);
  s.stop();
  const std::string folder = "/data/version-2";
  const auto snapshots = [&] {
    std::vector<std::string> found;
    const auto entries = s.world.disk.list(folder);
    for (const env::DirectoryEntry& entry : *entries) {
      if (entry.name.starts_with("snapshot.")) found.push_back(entry.name);
    }
    return found;
  };
  for (const std::string& name : snapshots()) ASSERT_TRUE(s.world.disk.remove(folder + "/" + name));
  s.options.store.trust_empty_snapshot = true;
  ASSERT_TRUE(s.start());
  s.world.run_for(1000);
  EXPECT_EQ(snapshots().size(), 1U);
  s.kill();
  s.options.store.trust_empty_snapshot = false;
  ASSERT_TRUE(s.start());
  EXPECT_TRUE(s.has_node("/n"));
}

TEST(Faults, d6_unused_acl_lists_are_removed_from_the_server_and_its_snapshots) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  const std::size_t before = s.state().tree.acls().size();
  const auto own = [](int i, std::string& id) {
    id = fmt::format("10.0.0.{}", i);
    return AclViews{std::vector<AclView>{AclView{31, "ip", "10.0.0.1"}, AclView{1, "ip", id}}};
  };
  std::string id;
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(client.call(OpCode::create, CreateRequest{fmt::format("/n{}", i), "", own(i, id), 0})->err, Error::ok);
  EXPECT_EQ(s.state().tree.acls().size(), before + 100);
  for (int i = 0; i < 100; ++i) {
    const std::string path = fmt::format("/n{}", i);
    if (i % 2 == 0) {
      ASSERT_EQ(client.call(OpCode::set_acl, SetAclRequest{path, sim::open_acl(), -1})->err, Error::ok);
    } else {
      ASSERT_EQ(client.remove(path), Error::ok);
    }
  }
  EXPECT_EQ(s.state().tree.acls().size(), before);
  s.stop();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.state().tree.acls().size(), before);
}

TEST(Faults, f6_watches_are_removed_with_their_connection_however_it_ends) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  const auto watching = [&](int n) -> sim::Client& {
    sim::Client& client = s.connected(6000);
    for (int i = 0; i < 50; ++i) {
      const std::string path = fmt::format("/p{}-{}", n, i);
      EXPECT_FALSE(client.exists(path, true));
      EXPECT_EQ(client.call(OpCode::add_watch, WatchTypeRequest{path, i % 2})->err, Error::ok);
    }
    EXPECT_TRUE(client.children("/", true));
    return client;
  };
  sim::Client& hangs_up = watching(0);
  sim::Client& is_cut = watching(1);
  sim::Client& closes = watching(2);
  sim::Client& goes_silent = watching(3);
  EXPECT_GT(s.state().watch_count(), 200U);
  hangs_up.drop();
  is_cut.cut();
  closes.send(OpCode::close_session, EmptyRequest{});
  goes_silent.go_silent();
  s.world.run_for(20'000);
  EXPECT_EQ(s.server->connections().size(), 0U);
  EXPECT_EQ(s.state().watch_count(), 0U);
}

TEST(Faults, f2_twenty_thousand_long_paths_are_watched_again_in_many_frames) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  const std::int64_t seen = s.server->core().zxid();
  const std::string tail(900, 'p');
  const std::vector<NullableView> none;
  for (int frame = 0; frame < 20; ++frame) {
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back(fmt::format("/{}-{}-{}", frame, i, tail));
    const std::vector<NullableView> paths(texts.begin(), texts.end());
    ASSERT_EQ(client.call(OpCode::set_watches, SetWatchesRequest{seen, none, paths, none})->err, Error::ok);
  }
  EXPECT_EQ(s.state().watch_count(), 20'000U);
  sim::Client& writer = s.connected();
  for (int frame = 0; frame < 20; ++frame)
    ASSERT_EQ(writer.create(fmt::format("/{}-{}-{}", frame, 7 * frame, tail)), Error::ok);
  s.world.run_for(100);
  EXPECT_EQ(client.events().size(), 20U);
  EXPECT_EQ(s.state().watch_count(), 19'980U);
}

TEST(Faults, j2_the_largest_limit_does_not_overflow) {
  ServerWorld s;
  s.options.limits.frame_bytes_max = INT32_MAX;
  s.options.limits.buffer_bytes_max = std::int64_t{INT32_MAX} * 2;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/big", std::string(3'000'000, 'x')), Error::ok);
  // The largest length that can be sent, and negative lengths.
  sim::Client& long_one = s.connected(60000);
  long_one.send_raw(std::string_view("\x7f\xff\xff\xff", 4));
  sim::Client& negative = s.connected(60000);
  negative.send_raw(std::string_view("\x80\0\0\0", 4));
  s.world.run_for(100);
  EXPECT_FALSE(long_one.is_closed()) << "the server waits for the rest of the frame";
  EXPECT_TRUE(negative.is_closed());
  EXPECT_EQ(client.set("/big", "y"), Error::ok);
}

}  // namespace
}  // namespace quoll::server
