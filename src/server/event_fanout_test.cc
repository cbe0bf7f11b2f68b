// Events of large transactions are sent in slices, and each client still gets everything in order.
#include "server/event_fanout.h"

#include "server/test_support.h"

namespace quoll::server {
namespace {

class EventFanoutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    s.options.limits.events_at_once = 0;
    s.options.limits.event_bytes = 4096;
    s.options.limits.client_connections_max = 0;
    ASSERT_TRUE(s.start());
  }
  sim::Client& watcher(std::string_view path = "/", std::int32_t mode = 1) {
    sim::Client& made = s.connected(60000);
    EXPECT_EQ(made.call(OpCode::add_watch, WatchTypeRequest{path, mode})->err, Error::ok);
    return made;
  }
  static std::vector<SubRequest> creates(const std::vector<std::string>& paths, const AclViews& acl = sim::open_acl()) {
    std::vector<SubRequest> ops;
    for (const std::string& path : paths) ops.push_back({OpCode::create, CreateRequest{path, "", acl, 0}});
    return ops;
  }
  static std::vector<std::string> paths(int count, std::string_view prefix = "/n") {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(fmt::format("{}{:04}", prefix, i));
    return all;
  }
  static std::vector<std::string> event_paths(const sim::Client& client) {
    std::vector<std::string> all;
    for (const sim::Arrival& event : client.events()) all.push_back(event.path);
    return all;
  }
  // The number of events that arrived before the first reply with this xid.
  static std::size_t events_before(const sim::Client& client, std::int32_t xid) {
    std::size_t events = 0;
    for (const sim::Arrival& arrival : client.arrivals()) {
      if (arrival.kind == sim::Arrival::reply && arrival.xid == xid) return events;
      events += arrival.kind == sim::Arrival::event ? 1 : 0;
    }
    ADD_FAILURE() << "no reply " << xid;
    return events;
  }
  [[nodiscard]] std::int64_t owed() const { return s.server->core().in_flight.owed_events(); }

  ServerWorld s;
};

TEST_F(EventFanoutTest, every_watcher_gets_all_events_in_their_order) {
  std::vector<sim::Client*> watchers;
  for (int i = 0; i < 20; ++i) watchers.push_back(&watcher());
  const auto made = paths(300);
  sim::Client& writer = s.connected(60000);
  ASSERT_NE(writer.wait(writer.send_multi(creates(made))), nullptr);
  ASSERT_EQ(writer.create("/after"), Error::ok);
  s.world.run_for(1000);
  auto expected = made;
  expected.emplace_back("/after");
  for (const sim::Client* client : watchers) {
    EXPECT_EQ(event_paths(*client), expected);
    for (const sim::Arrival& event : client->events()) EXPECT_EQ(event.event_type, 1);
  }
  EXPECT_EQ(owed(), 0);
}

TEST_F(EventFanoutTest, the_writer_gets_its_own_events_before_the_reply) {
  for (int i = 0; i < 20; ++i) watcher();
  sim::Client& writer = watcher();
  const std::int32_t xid = writer.send_multi(creates(paths(300)));
  ASSERT_NE(writer.wait(xid), nullptr);
  EXPECT_EQ(events_before(writer, xid), 300U);
}

TEST_F(EventFanoutTest, no_reply_overtakes_the_events_of_what_it_shows) {
  std::vector<sim::Client*> watchers;
  for (int i = 0; i < 50; ++i) watchers.push_back(&watcher());
  sim::Client& writer = s.connected(60000);
  const std::int32_t multi = writer.send_multi(creates(paths(300)));
  // They read all the time while the events are handed out.
  std::size_t early = 0;
  std::size_t late = 0;
  for (int round = 0; round < 200 && late < 100; ++round) {
    std::vector<std::int32_t> asked;
    for (sim::Client* client : watchers) {
      asked.push_back(client->send(OpCode::exists, WatchedReadRequest{"/n0299", false}));
      client->ping();
    }
    s.world.run_for(1);
    for (std::size_t i = 0; i < watchers.size(); ++i) {
      const sim::Arrival* const reply = watchers[i]->wait(asked[i]);
      ASSERT_NE(reply, nullptr);
      const std::size_t before = events_before(*watchers[i], asked[i]);
      ASSERT_EQ(before, reply->err == Error::ok ? 300U : 0U);
      ++(reply->err == Error::ok ? late : early);
    }
  }
  EXPECT_GT(early, 0U);
  EXPECT_GT(late, 0U);
  EXPECT_NE(writer.reply(multi), nullptr);
  for (const sim::Client* client : watchers) {
    std::int64_t zxid = 0;
    for (const sim::Arrival& arrival : client->arrivals()) {
      EXPECT_GE(arrival.zxid, zxid);
      zxid = std::max(zxid, arrival.zxid);
    }
  }
}

TEST_F(EventFanoutTest, others_are_served_between_the_slices) {
  for (int i = 0; i < 200; ++i) watcher();
  sim::Client& writer = s.connected(60000);
  sim::Client& other = s.connected(60000);
  writer.send_multi(creates(paths(300)));
  ASSERT_TRUE(s.world.run_until([&] { return owed() > 0; }, 1000));
  const std::int64_t before = owed();
  std::size_t events = 0;
  s.world.after_step = [&] { ++events; };
  ASSERT_NE(other.call(OpCode::exists, WatchedReadRequest{"/", false}), nullptr);
  EXPECT_GT(owed(), 0) << "the reply came while events were still to be sent";
  EXPECT_LT(owed(), before);
  events = 0;
  s.world.run_until([&] { return owed() == 0; }, 1000);
  EXPECT_GT(events, static_cast<std::size_t>(owed()) / 100'000);
  s.world.after_step = nullptr;
}

TEST_F(EventFanoutTest, a_few_events_are_sent_at_once) {
  s.stop();
  s.options.limits.events_at_once = 10;
  ASSERT_TRUE(s.start());
  const sim::Client& client = watcher();
  sim::Client& writer = s.connected(60000);
  std::int64_t most = 0;
  s.world.after_step = [&] { most = std::max(most, owed()); };
  ASSERT_NE(writer.wait(writer.send_multi(creates(paths(10, "/a")))), nullptr);
  EXPECT_EQ(most, 0);
  ASSERT_NE(writer.wait(writer.send_multi(creates(paths(11, "/b")))), nullptr);
  EXPECT_GT(most, 0);
  s.world.run_for(1000);
  EXPECT_EQ(client.events().size(), 21U);
  s.world.after_step = nullptr;
}

TEST_F(EventFanoutTest, only_who_may_read_a_node_gets_its_event) {
  sim::Client& one = watcher();
  sim::Client& two = watcher();
  sim::Client& writer = s.connected(60000);
  ASSERT_EQ(one.call(OpCode::auth, AuthRequest{0, "digest", "one:x"})->err, Error::ok);
  ASSERT_EQ(writer.call(OpCode::auth, AuthRequest{0, "digest", "one:x"})->err, Error::ok);
  const AclViews for_one = std::vector<AclView>{AclView{31, "auth", ""}};
  const std::vector<std::string> all{"/a0000", "/a0001", "/secret1", "/secret2", "/b"};
  auto ops = creates(all);
  for (const std::size_t secret : {2U, 3U}) std::get<CreateRequest>(ops[secret].body).acl = for_one;
  ASSERT_NE(writer.wait(writer.send_multi(ops)), nullptr);
  s.world.run_for(1000);
  EXPECT_EQ(event_paths(one), all);
  EXPECT_EQ(event_paths(two), (std::vector<std::string>{"/a0000", "/a0001", "/b"}));
}

// What it proves after the transaction does not show it what it might not read then.
TEST_F(EventFanoutTest, who_logs_in_later_gets_no_event_of_before) {
  for (int i = 0; i < 50; ++i) watcher();
  sim::Client& late = watcher();
  sim::Client& writer = s.connected(60000);
  ASSERT_EQ(writer.call(OpCode::auth, AuthRequest{0, "digest", "one:x"})->err, Error::ok);
  const AclViews for_one = std::vector<AclView>{AclView{31, "auth", ""}};
  writer.send_multi(creates(paths(200), for_one));
  ASSERT_TRUE(s.world.run_until([&] { return s.has_node("/n0199"); }, 1000));
  ASSERT_EQ(late.call(OpCode::auth, AuthRequest{0, "digest", "one:x"})->err, Error::ok);
  s.world.run_for(1000);
  EXPECT_TRUE(late.events().empty());
}

TEST_F(EventFanoutTest, different_watchers_of_one_transaction_get_what_they_watch) {
  ASSERT_EQ(s.connected(60000).create("/a"), Error::ok);
  ASSERT_EQ(s.connected(60000).create("/b"), Error::ok);
  const sim::Client& of_a = watcher("/a");
  const sim::Client& of_b = watcher("/b");
  const sim::Client& of_all = watcher("/");
  sim::Client& writer = s.connected(60000);
  std::vector<std::string> all;
  for (int i = 0; i < 50; ++i) all.push_back(fmt::format("/{}/{}", i % 3 == 0 ? "a" : "b", i));
  ASSERT_NE(writer.wait(writer.send_multi(creates(all))), nullptr);
  s.world.run_for(1000);
  EXPECT_EQ(event_paths(of_all), all);
  EXPECT_EQ(event_paths(of_a).size() + event_paths(of_b).size(), all.size());
  for (const std::string& path : event_paths(of_a)) EXPECT_TRUE(path.starts_with("/a/"));
  for (const std::string& path : event_paths(of_b)) EXPECT_TRUE(path.starts_with("/b/"));
}

TEST_F(EventFanoutTest, a_watcher_that_has_gone_is_owed_nothing) {
  std::vector<sim::Client*> watchers;
  for (int i = 0; i < 50; ++i) watchers.push_back(&watcher());
  sim::Client& writer = s.connected(60000);
  writer.send_multi(creates(paths(300)));
  ASSERT_TRUE(s.world.run_until([&] { return owed() > 0; }, 1000));
  for (std::size_t i = 0; i < watchers.size(); i += 2) watchers[i]->drop();
  s.world.run_for(1000);
  EXPECT_EQ(owed(), 0);
  for (std::size_t i = 1; i < watchers.size(); i += 2) EXPECT_EQ(watchers[i]->events().size(), 300U);
}

TEST_F(EventFanoutTest, a_session_that_closes_gets_what_it_is_owed_first) {
  for (int i = 0; i < 50; ++i) watcher();
  sim::Client& leaving = watcher();
  sim::Client& writer = s.connected(60000);
  writer.send_multi(creates(paths(300)));
  ASSERT_TRUE(s.world.run_until([&] { return owed() > 0; }, 1000));
  const std::int32_t xid = leaving.send(OpCode::close_session, EmptyRequest{});
  ASSERT_NE(leaving.wait(xid), nullptr);
  EXPECT_EQ(events_before(leaving, xid), 300U);
}

TEST_F(EventFanoutTest, while_too_much_is_owed_no_transaction_is_applied) {
  s.stop();
  s.options.limits.owed_event_bytes_max = 100'000;
  ASSERT_TRUE(s.start());
  std::vector<sim::Client*> watchers;
  for (int i = 0; i < 50; ++i) watchers.push_back(&watcher());
  sim::Client& writer = s.connected(60000);
  std::int64_t most = 0;
  s.world.after_step = [&] { most = std::max(most, owed()); };
  std::vector<std::int32_t> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(writer.send_multi(creates(paths(100, fmt::format("/{}-", i)))));
  for (const std::int32_t xid : sent) ASSERT_NE(writer.wait(xid), nullptr);
  s.world.run_for(1000);
  s.world.after_step = nullptr;
  const std::int64_t of_one = 50 * 100 * 60;
  EXPECT_GT(most, 100'000);
  EXPECT_LT(most, 100'000 + of_one);
  for (const sim::Client* client : watchers) EXPECT_EQ(client->events().size(), 2000U);
}

}  // namespace
}  // namespace quoll::server
