// The order of messages to a client: replies in the order of its requests, events before anything that shows their
// change.
// change visible.
#include "server/test_support.h"

namespace quoll::server {
namespace {

using sim::Arrival;

TEST(Order, replies_are_in_the_order_of_requests_and_reads_see_earlier_writes) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    ServerWorld s(seed);
    ASSERT_TRUE(s.start());
    sim::Client& client = s.connected();
    std::vector<std::int32_t> sent;
    client.send(OpCode::create, CreateRequest{"/n", "start", sim::open_acl(), 0});
    for (int i = 0; i < 20; ++i) {
      sent.push_back(client.send(OpCode::set_data, SetDataRequest{"/n", fmt::format("v{}", i), -1}));
      sent.push_back(client.send(OpCode::get_data, WatchedReadRequest{"/n", false}));
      sent.push_back(client.send(OpCode::get_data, WatchedReadRequest{"/none", false}));
      sent.push_back(client.send_body(OpCode::set_data, "cut"));
    }
    ASSERT_NE(client.wait(sent.back()), nullptr);
    std::int32_t last_xid = 0;
    std::int64_t last_zxid = 0;
    for (const Arrival& arrival : client.arrivals()) {
      if (arrival.kind != Arrival::reply) continue;
      EXPECT_EQ(arrival.xid, last_xid + 1);
      EXPECT_GE(arrival.zxid, last_zxid);
      last_xid = arrival.xid;
      last_zxid = arrival.zxid;
    }
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(client.reply(sent[i * 4 + 1])->as<DataReply>().data.view(), fmt::format("v{}", i));
      EXPECT_EQ(client.reply(sent[i * 4 + 2])->err, Error::no_node);
      EXPECT_EQ(client.reply(sent[i * 4 + 3])->err, Error::marshalling_error);
    }
  }
}

// The position of a message in what the client received.
template <typename Is>
std::ptrdiff_t place_of(const sim::Client& client, Is&& is) {
  return std::find_if(client.arrivals().begin(), client.arrivals().end(), is) - client.arrivals().begin();
}

TEST(Order, the_event_comes_before_the_reply_that_shows_the_change) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    ServerWorld s(seed);
    ASSERT_TRUE(s.start());
    sim::Client& writer = s.connected();
    sim::Client& reader = s.connected();
    ASSERT_EQ(writer.create("/n", "0"), Error::ok);
    ASSERT_TRUE(reader.get("/n", true));
    ASSERT_TRUE(writer.get("/n", true));
    const auto set = writer.send(OpCode::set_data, SetDataRequest{"/n", "1", -1});
    std::int32_t shown = 0;
    for (int i = 0; i < 200 && shown == 0; ++i) {
      const auto read = reader.send(OpCode::get_data, WatchedReadRequest{"/n", false});
      if (reader.wait(read)->as<DataReply>().data.view() == "1") shown = read;
    }
    ASSERT_NE(shown, 0);
    ASSERT_NE(writer.wait(set), nullptr);
    for (const auto& [client, xid] : {std::pair{&reader, shown}, {&writer, set}}) {
      ASSERT_EQ(client->events().size(), 1U);
      EXPECT_EQ(client->events()[0].event_type, 3);
      EXPECT_EQ(client->events()[0].path, "/n");
      EXPECT_EQ(client->events()[0].zxid, client->reply(xid)->as<DataReply>().stat.mzxid * (client == &reader) +
                                              client->reply(xid)->zxid * (client == &writer));
      EXPECT_LT(place_of(*client, [](const Arrival& a) { return a.kind == Arrival::event; }),
                place_of(*client, [&](const Arrival& a) { return a.kind == Arrival::reply && a.xid == xid; }));
    }
  }
}

TEST(Order, a_standard_watch_fires_once_and_a_persistent_one_each_time) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& once = s.connected();
  sim::Client& always = s.connected();
  sim::Client& below = s.connected();
  sim::Client& writer = s.connected();
  ASSERT_EQ(writer.create("/n", "0"), Error::ok);
  ASSERT_TRUE(once.get("/n", true));
  ASSERT_EQ(always.call(OpCode::add_watch, WatchTypeRequest{"/n", 0})->err, Error::ok);
  ASSERT_EQ(below.call(OpCode::add_watch, WatchTypeRequest{"/n", 1})->err, Error::ok);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(writer.set("/n", "x"), Error::ok);
  ASSERT_EQ(writer.create("/n/c"), Error::ok);
  s.world.run_for(100);
  const auto types = [](const sim::Client& client) {
    std::vector<std::pair<std::int32_t, std::string>> seen;
    for (const Arrival& event : client.events()) seen.emplace_back(event.event_type, event.path);
    return seen;
  };
  using Events = std::vector<std::pair<std::int32_t, std::string>>;
  EXPECT_EQ(types(once), (Events{{3, "/n"}}));
  EXPECT_EQ(types(always), (Events{{3, "/n"}, {3, "/n"}, {3, "/n"}, {4, "/n"}}));
  EXPECT_EQ(types(below), (Events{{3, "/n"}, {3, "/n"}, {3, "/n"}, {1, "/n/c"}}));
}

TEST(Order, a_multi_that_fails_fires_nothing_and_changes_nothing) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/n", "0"), Error::ok);
  ASSERT_TRUE(client.get("/n", true));
  ASSERT_TRUE(client.children("/", true));
  const std::int64_t digest = s.digest();
  const auto xid = client.send_multi({{OpCode::set_data, SetDataRequest{"/n", "1", -1}},
                                      {OpCode::create, CreateRequest{"/m", "", sim::open_acl(), 0}},
                                      {OpCode::check, CheckVersionRequest{"/n", 7}}});
  ASSERT_NE(client.wait(xid), nullptr);
  EXPECT_EQ(client.reply(xid)->err, Error::ok);
  s.world.run_for(100);
  EXPECT_TRUE(client.events().empty());
  EXPECT_EQ(s.digest(), digest);
  // The watches are still set.
  ASSERT_EQ(client.set("/n", "2"), Error::ok);
  EXPECT_EQ(client.events().size(), 1U);
}

TEST(Order, an_unknown_opcode_is_answered_unimplemented_and_closes_the_connection) {
  for (const std::int32_t op : {10, 23, 99, 108, -2, -1, 1000}) {
    ServerWorld s;
    ASSERT_TRUE(s.start());
    sim::Client& client = s.connected();
    const auto xid = client.send_body(static_cast<OpCode>(op), "whatever");
    s.world.run_for(100);
    ASSERT_NE(client.reply(xid), nullptr) << op;
    EXPECT_EQ(client.reply(xid)->err, Error::unimplemented);
    EXPECT_EQ(client.reply(xid)->zxid, -1);
    EXPECT_TRUE(client.is_closed());
  }
}

TEST(Order, empty_containers_and_old_ttl_nodes_are_removed_by_the_server) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  const auto beat = [&](int minutes) {
    for (int i = 0; i < minutes * 3; ++i) {
      s.world.run_for(20'000);
      client.ping();
    }
  };
  ASSERT_EQ(client.call(OpCode::create_container, CreateRequest{"/never", "", sim::open_acl(), 4})->err, Error::ok);
  ASSERT_EQ(client.call(OpCode::create_container, CreateRequest{"/used", "", sim::open_acl(), 4})->err, Error::ok);
  ASSERT_EQ(client.create("/used/child"), Error::ok);
  ASSERT_EQ(client.call(OpCode::create_ttl, CreateTtlRequest{"/old", "", sim::open_acl(), 5, 90'000})->err, Error::ok);
  ASSERT_EQ(client.call(OpCode::create_ttl, CreateTtlRequest{"/young", "", sim::open_acl(), 5, 3'600'000})->err,
            Error::ok);
  ASSERT_EQ(client.call(OpCode::create_ttl, CreateTtlRequest{"/kept", "", sim::open_acl(), 5, 90'000})->err, Error::ok);
  ASSERT_EQ(client.create("/kept/child"), Error::ok);
  beat(1);
  EXPECT_TRUE(s.has_node("/used") && s.has_node("/old"));
  beat(3);
  EXPECT_TRUE(s.has_node("/never") && s.has_node("/used") && s.has_node("/young") && s.has_node("/kept"));
  EXPECT_FALSE(s.has_node("/old"));
  ASSERT_EQ(client.remove("/used/child"), Error::ok);
  beat(2);
  EXPECT_FALSE(s.has_node("/used"));
}

TEST(Order, a_node_written_after_it_was_selected_for_removal_is_kept) {
  ServerWorld s;
  s.options.containers.per_minute_max = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  const auto beat = [&](int times) {
    for (int i = 0; i < times; ++i) {
      s.world.run_for(10'000);
      client.ping();
    }
  };
  for (const char* path : {"/a", "/b", "/c"})
    ASSERT_EQ(client.call(OpCode::create_ttl, CreateTtlRequest{path, "", sim::open_acl(), 5, 50'000})->err, Error::ok);
  ASSERT_EQ(client.call(OpCode::create_container, CreateRequest{"/d", "", sim::open_acl(), 4})->err, Error::ok);
  ASSERT_EQ(client.create("/d/child"), Error::ok);
  ASSERT_EQ(client.remove("/d/child"), Error::ok);
  beat(9);
  EXPECT_FALSE(s.has_node("/a")) << "the first of four; the next one a minute later";
  ASSERT_EQ(client.set("/b", "still needed"), Error::ok);
  ASSERT_EQ(client.remove("/d"), Error::ok);
  ASSERT_EQ(client.call(OpCode::create_container, CreateRequest{"/d", "", sim::open_acl(), 4})->err, Error::ok);
  beat(5);
  EXPECT_TRUE(s.has_node("/b"));
  EXPECT_FALSE(s.has_node("/c")) << "it is deleted instead";
  beat(12);
  EXPECT_FALSE(s.has_node("/b"));
  EXPECT_TRUE(s.has_node("/d")) << "it was created again";
}

TEST(Order, a_client_that_may_not_read_a_node_gets_no_event_of_it) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& writer = s.connected();
  sim::Client& stranger = s.client("10.0.0.2");
  ASSERT_TRUE(stranger.connect());
  ASSERT_EQ(stranger.call(OpCode::add_watch, WatchTypeRequest{"/", 1})->err, Error::ok);
  const AclViews own = std::vector<AclView>{AclView{31, "ip", "10.0.0.1"}};
  ASSERT_EQ(writer.call(OpCode::create, CreateRequest{"/secret", "", own, 0})->err, Error::ok);
  ASSERT_EQ(writer.set("/secret", "x"), Error::ok);
  ASSERT_EQ(writer.create("/open"), Error::ok);
  ASSERT_EQ(writer.remove("/secret"), Error::ok);
  s.world.run_for(100);
  ASSERT_EQ(stranger.events().size(), 1U);
  EXPECT_EQ(stranger.events()[0].path, "/open");
}

TEST(Order, a_queued_read_is_authorized_with_the_identities_at_its_arrival) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const AclViews own = std::vector<AclView>{AclView{1, "digest", "bob:fyVmFCwVbTJYrznoSu1koqYEYF0="}};
  ASSERT_EQ(client.call(OpCode::create, CreateRequest{"/secret", "s", own, 0})->err, Error::ok);
  const auto get = [&] { return client.send(OpCode::get_data, WatchedReadRequest{"/secret", false}); };
  s.world.workers.hang();
  client.send(OpCode::create, CreateRequest{"/n", "", sim::open_acl(), 0});
  const auto before = get();
  const auto proof = client.send(OpCode::auth, AuthRequest{0, "digest", "bob:secret"});
  const auto after = get();
  ASSERT_EQ(client.wait(proof)->err, Error::ok);
  EXPECT_EQ(client.reply(before), nullptr);
  s.world.workers.go_on();
  ASSERT_NE(client.wait(after), nullptr);
  EXPECT_EQ(client.reply(before)->err, Error::no_auth);
  EXPECT_EQ(client.reply(after)->err, Error::ok);
}

}  // namespace
}  // namespace quoll::server
