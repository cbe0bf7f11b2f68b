// Limits on the bytes of watches, per connection and in total.
#include "server/test_support.h"

namespace quoll::server {
namespace {

constexpr std::size_t kOfOne = 100'000;

std::string watched_path(int n) {
  return fmt::format("/{}-{}", n, std::string(1000, 'p'));
}

class WatchLimits : public ::testing::Test {
 protected:
  void SetUp() override {
    s.options.rules.watch_bytes_per_connection = kOfOne;
    ASSERT_TRUE(s.start());
    client = &s.connected(60000);
  }
  Error exists(sim::Client& from, std::string_view path) {
    return from.call(OpCode::exists, WatchedReadRequest{path, true})->err;
  }
  ServerWorld s;
  sim::Client* client = nullptr;
};

TEST_F(WatchLimits, one_connection_has_a_limit_of_bytes_until_watches_are_removed) {
  int set = 0;
  while (exists(*client, watched_path(set)) == Error::no_node) ++set;
  EXPECT_EQ(exists(*client, watched_path(set)), Error::bad_arguments);
  EXPECT_NEAR(set, static_cast<double>(kOfOne) / 1067, 2);
  EXPECT_EQ(exists(*client, watched_path(0)), Error::no_node) << "it has this watch already";
  EXPECT_EQ(exists(s.connected(60000), watched_path(set)), Error::no_node) << "the limit is per connection";
  ASSERT_EQ(client->create(watched_path(0)), Error::ok);
  EXPECT_EQ(exists(*client, watched_path(set)), Error::no_node) << "one has fired";
  EXPECT_EQ(client->create("/n"), Error::ok) << "the session continues";
}

TEST_F(WatchLimits, every_request_that_sets_watches_is_limited) {
  for (int i = 0; i < 10; ++i) ASSERT_EQ(client->create(fmt::format("/n{}", i)), Error::ok);
  const std::string path = "/" + std::string(2 * kOfOne, 'p');
  EXPECT_EQ(client->call(OpCode::add_watch, WatchTypeRequest{path, 0})->err, Error::bad_arguments);
  EXPECT_EQ(client->call(OpCode::add_watch, WatchTypeRequest{path, 1})->err, Error::bad_arguments);
  const Paths none = std::vector<base::NullableView>{};
  const Paths one = std::vector<base::NullableView>{path};
  EXPECT_EQ(client->call(OpCode::set_watches, SetWatchesRequest{0, none, one, none})->err, Error::bad_arguments);
  EXPECT_EQ(client->call(OpCode::set_watches2, SetWatches2Request{0, none, none, none, one, none})->err,
            Error::bad_arguments);
  EXPECT_EQ(client->call(OpCode::set_watches2, SetWatches2Request{0, none, none, none, none, one})->err,
            Error::bad_arguments);
  EXPECT_EQ(s.state().watch_count(), 0U);
  for (const OpCode op : {OpCode::get_data, OpCode::get_children, OpCode::get_children2})
    EXPECT_EQ(client->call(op, WatchedReadRequest{"/n1", true})->err, Error::ok);
}

TEST(WatchLimitsOfAll, above_the_limit_only_connections_with_few_watches_get_more) {
  ServerWorld s;
  s.options.rules.watch_bytes_max = 3'000'000;
  ASSERT_TRUE(s.start());
  sim::Client& greedy = s.connected(60000);
  const std::string much(500'000, 'p');
  int set = 0;
  const auto add = [&](sim::Client& client) {
    return client.call(OpCode::add_watch, WatchTypeRequest{fmt::format("/{}{}", set, much), 1})->err;
  };
  while (add(greedy) == Error::ok) ++set;
  EXPECT_EQ(set, 5);
  sim::Client& other = s.connected(60000);
  EXPECT_EQ(add(other), Error::ok) << "every client may have a few";
  greedy.drop();
  s.world.run_for(1000);
  EXPECT_EQ(s.state().data_watches.bytes(), watch::WatchTable::bytes_of(fmt::format("/{}{}", set, much)));
}

}  // namespace
}  // namespace quoll::server
