// What happens at each limit: requests wait, or their connection is closed, and the server keeps working.
#include "server/test_support.h"

namespace quoll::server {
namespace {

using sim::Arrival;

TEST(Limits, above_the_outstanding_limit_connections_are_not_read_and_all_requests_are_answered) {
  ServerWorld s;
  s.options.limits.outstanding_max = 10;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  std::int64_t most = 0;
  s.world.after_step = [&] { most = std::max(most, s.server->requests().in_progress()); };
  std::int32_t last = 0;
  for (int i = 0; i < 500; ++i)
    last = client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), "", sim::open_acl(), 0});
  ASSERT_NE(client.wait(last), nullptr);
  EXPECT_EQ(client.arrivals().size(), 501U);
  EXPECT_LE(most, 11);
  EXPECT_GE(most, 10);
}

TEST(Limits, the_request_throttle_limits_requests_in_progress_and_keeps_their_order) {
  ServerWorld s;
  s.options.throttles.requests_max = 3;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  std::int64_t most = 0;
  s.world.after_step = [&] { most = std::max(most, s.server->requests().in_progress()); };
  std::int32_t last = 0;
  for (int i = 0; i < 100; ++i) {
    client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), "", sim::open_acl(), 0});
    last = client.send(OpCode::exists, WatchedReadRequest{fmt::format("/n{}", i), false});
  }
  ASSERT_NE(client.wait(last), nullptr);
  EXPECT_LE(most, 3);
  std::int32_t xid = 0;
  for (const Arrival& arrival : client.arrivals()) {
    if (arrival.kind != Arrival::reply) continue;
    EXPECT_EQ(arrival.xid, ++xid);
    EXPECT_EQ(arrival.err, Error::ok);
  }
}

TEST(Limits, requests_queued_by_the_throttle_are_limited_like_those_in_progress) {
  ServerWorld s;
  s.options.throttles.requests_max = 3;
  s.options.limits.outstanding_max = 10;
  ASSERT_TRUE(s.start());
  std::vector<std::pair<sim::Client*, std::int32_t>> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(&s.connected(60000), 0);
  std::size_t most = 0;
  s.world.after_step = [&] { most = std::max(most, s.server->throttle().waiting()); };
  for (int i = 0; i < 100; ++i) {
    for (auto& [client, last] : clients)
      last = client->send(OpCode::create, CreateRequest{fmt::format("/n{}-", i), "", sim::open_acl(), 2});
  }
  for (auto& [client, last] : clients) {
    ASSERT_NE(client->wait(last), nullptr);
    EXPECT_EQ(client->arrivals().size(), 101U);
  }
  EXPECT_GE(most, 10U);
  EXPECT_LE(most, 10U + clients.size()) << "and one more request of each connection";
}

TEST(Limits, identities_gained_while_a_request_is_throttled_do_not_apply_to_it) {
  ServerWorld s;
  s.options.throttles.requests_max = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const std::string bob = *auth::digest_of("bob:secret", "SHA1");
  const AclViews own = std::vector<AclView>{AclView{31, "digest", bob}};
  ASSERT_EQ(client.call(OpCode::create, CreateRequest{"/bobs", "", own, 0})->err, Error::ok);
  s.world.workers.hang();
  client.send(OpCode::create, CreateRequest{"/a", "", sim::open_acl(), 0});
  const auto write = client.send(OpCode::set_data, SetDataRequest{"/bobs", "x", -1});
  const auto read = client.send(OpCode::get_data, WatchedReadRequest{"/bobs", false});
  const auto proof = client.send(OpCode::auth, AuthRequest{0, "digest", "bob:secret"});
  const auto after = client.send(OpCode::set_data, SetDataRequest{"/bobs", "y", -1});
  ASSERT_NE(client.wait(proof), nullptr);
  s.world.workers.go_on();
  ASSERT_NE(client.wait(after), nullptr);
  EXPECT_EQ(client.reply(write)->err, Error::no_auth);
  EXPECT_EQ(client.reply(read)->err, Error::no_auth);
  EXPECT_EQ(client.reply(after)->err, Error::ok);
}

TEST(Limits, a_request_that_waited_too_long_is_answered_throttled) {
  ServerWorld s;
  s.options.throttles.requests_max = 1;
  s.options.throttles.op_wait_ms = 50;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  s.world.workers.hang();
  const auto first = client.send(OpCode::create, CreateRequest{"/a", "", sim::open_acl(), 0});
  const auto second = client.send(OpCode::create, CreateRequest{"/b", "", sim::open_acl(), 0});
  s.world.run_for(200);
  s.world.workers.go_on();
  ASSERT_NE(client.wait(second), nullptr);
  EXPECT_EQ(client.reply(first)->err, Error::ok);
  EXPECT_EQ(client.reply(second)->err, Error::throttled_op);
  EXPECT_FALSE(s.has_node("/b"));
}

TEST(Limits, the_connection_throttle_still_admits_after_weeks_without_requests) {
  ServerWorld s;
  s.options.throttles.connection_tokens = 3;
  s.options.throttles.connection_fill_ms = 1;
  s.options.throttles.connection_fill_count = 1;
  ASSERT_TRUE(s.start());
  s.world.run_for(25LL * 86'400'000);
  EXPECT_TRUE(s.client().connect());
}

TEST(Limits, the_connection_throttle_refuses_sessions_without_a_token) {
  ServerWorld s;
  s.options.throttles.connection_tokens = 3;
  s.options.throttles.connection_fill_ms = 10'000;
  ASSERT_TRUE(s.start());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(s.client().connect());
  EXPECT_FALSE(s.client().connect());
  s.world.run_for(10'100);
  EXPECT_TRUE(s.client().connect());
  EXPECT_FALSE(s.client().connect());
}

TEST(Limits, a_client_that_reads_no_events_is_closed_and_others_are_served) {
  ServerWorld s;
  s.options.limits.queued_bytes_max = 20'000;
  s.world.network.window_bytes = 1000;
  ASSERT_TRUE(s.start());
  sim::Client& slow = s.connected();
  sim::Client& writer = s.connected();
  ASSERT_EQ(writer.create("/n"), Error::ok);
  ASSERT_EQ(slow.call(OpCode::add_watch, WatchTypeRequest{"/n", 0})->err, Error::ok);
  slow.stop_reading();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(writer.set("/n", "x"), Error::ok);
  EXPECT_EQ(s.server->connections().of_session(SessionId{slow.session()}), nullptr);
  EXPECT_NE(s.server->connections().of_session(SessionId{writer.session()}), nullptr);
}

TEST(Limits, a_client_that_reads_no_replies_is_not_read_until_it_does) {
  ServerWorld s;
  s.options.limits.queued_reply_bytes = 100'000;
  s.world.network.window_bytes = 10'000;
  ASSERT_TRUE(s.start());
  sim::Client& slow = s.connected(60000);
  ASSERT_EQ(slow.create("/n", std::string(10'000, 'x')), Error::ok);
  slow.stop_reading();
  std::int32_t last = 0;
  for (int i = 0; i < 300; ++i) last = slow.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  std::size_t most = 0;
  s.world.after_step = [&] {
    if (auto* const connection = s.server->connections().of_session(SessionId{slow.session()})) {
      most = std::max(most, connection->transport().queued_bytes());
    }
  };
  s.world.run_for(1000);
  EXPECT_LE(most, 120'000U);
  EXPECT_GE(most, 80'000U);
  slow.resume_reading();
  ASSERT_NE(slow.wait(last), nullptr);
  EXPECT_EQ(slow.reply(last)->as<DataReply>().data.size(), 10'000U);
}

TEST(Limits, grown_buffers_are_released) {
  constexpr std::size_t kKeptBytes = 64 * 1024;
  ServerWorld s;
  ASSERT_TRUE(s.start());
  std::size_t now = 0;
  std::size_t most = 0;
  s.world.after_step = [&] {
    now = 0;
    s.server->connections().for_each([&](const ClientConnection& each) { now += each.buffer_bytes(); });
    most = std::max(most, now);
  };
  sim::Client& client = s.connected();
  const std::string much(900'000, 'x');
  ASSERT_EQ(client.create("/n", much), Error::ok);
  EXPECT_GT(most, much.size()) << "the request arrived in slices";
  EXPECT_LE(now, 2 * kKeptBytes);
  most = 0;
  EXPECT_EQ(client.get("/n"), much);
  EXPECT_GT(most, much.size());
  EXPECT_LE(now, 2 * kKeptBytes);
  // A small buffer is kept for the next request.
  ASSERT_EQ(client.set("/n", std::string(1000, 'y')), Error::ok);
  EXPECT_EQ(client.get("/n")->size(), 1000U);
  EXPECT_GT(now, 1000U);
}

TEST(Limits, a_client_with_many_requests_waits_for_others_between_its_turns) {
  ServerWorld s;
  s.world.network.latency_us_min = s.world.network.latency_us_max = 100;
  ASSERT_TRUE(s.start());
  sim::Client& greedy = s.connected();
  sim::Client& modest = s.connected();
  ASSERT_EQ(greedy.create("/n", std::string(10'000, 'x')), Error::ok);
  constexpr std::int64_t kRequests = 1000;
  std::int32_t last = 0;
  for (int i = 0; i < kRequests; ++i) last = greedy.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  const std::int32_t only = modest.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  const auto sent_to = [&](const sim::Client& client) {
    return s.server->connections().of_session(SessionId{client.session()})->stats.packets_sent;
  };
  const std::int64_t before = sent_to(greedy);
  const std::int64_t modest_before = sent_to(modest);
  std::int64_t ahead = -1;
  s.world.after_step = [&] {
    if (ahead < 0 && sent_to(modest) > modest_before) ahead = sent_to(greedy) - before;
  };
  ASSERT_NE(modest.wait(only), nullptr);
  ASSERT_NE(greedy.wait(last), nullptr);
  EXPECT_EQ(sent_to(greedy) - before, kRequests);
  EXPECT_GT(ahead, 0);
  EXPECT_LT(ahead, kRequests / 2);
}

TEST(Limits, identities_of_a_connection_are_limited_and_kept_at_the_limit) {
  ServerWorld s;
  s.options.limits.identities_max = 3;  // one is its address
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 2; ++i) {
    const std::string user = fmt::format("u{}:p", i);
    EXPECT_EQ(client.call(OpCode::auth, AuthRequest{0, "digest", user})->err, Error::ok);
  }
  const auto one_more = client.send(OpCode::auth, AuthRequest{0, "digest", "u2:p"});
  const auto* const refused = client.wait(one_more);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->err, Error::auth_failed);
}

TEST(Limits, long_answers_are_queued_and_a_client_that_reads_none_is_closed) {
  class Endless : public LongAnswer {
   public:
    bool append_more(std::string& out) override {
      out += std::string(10'000, 'e');
      return ++pieces_ < 100;
    }

   private:
    int pieces_ = 0;
  };
  class LongResponder : public WordResponder {
   public:
    [[nodiscard]] bool knows(std::string_view word) const override { return word == "long"; }
    std::unique_ptr<LongAnswer> long_answer(std::string_view, const env::Address&) override {
      return std::make_unique<Endless>();
    }
    std::string answer(std::string_view, std::string_view, const env::Address&) override { return {}; }
  } desk;
  ServerWorld s;
  s.desk = &desk;
  s.options.limits.long_answers_max = 2;
  s.options.limits.long_answer_bytes = 20'000;
  s.world.network.window_bytes = 10'000;
  ASSERT_TRUE(s.start());
  const auto ask = [&](bool reads) -> sim::Client& {
    sim::Client& client = s.client();
    client.keep_raw();
    client.dial();
    client.send_raw("long");
    if (!reads) client.stop_reading();
    return client;
  };
  ask(false);
  ask(false);
  s.world.run_for(1000);
  std::size_t most = 0;
  s.world.after_step = [&] {
    s.server->connections().for_each(
        [&](const ClientConnection& connection) { most = std::max(most, connection.transport().queued_bytes()); });
  };
  sim::Client& third = ask(true);
  s.world.run_for(5000);
  EXPECT_TRUE(third.raw().empty()) << "two are being sent";
  s.world.run_for(15'000);
  EXPECT_EQ(third.raw().size(), 1'000'000U);
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(s.server->connections().size(), 0U) << "connections that read nothing are closed";
  EXPECT_LE(most, 20'000U + 20'000U) << "a piece ahead of what the reader may have to take";
}

TEST(Limits, large_requests_count_until_they_are_answered_and_one_too_many_closes_its_connection) {
  ServerWorld s;
  s.options.limits.large_request_bytes = 1000;
  s.options.limits.large_requests_bytes_max = 5000;
  ASSERT_TRUE(s.start());
  sim::Client& first = s.connected();
  sim::Client& second = s.connected();
  const std::string large(2000, 'x');
  s.world.workers.hang();
  std::int32_t last = 0;
  for (int i = 0; i < 2; ++i)
    last = first.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), large, sim::open_acl(), 0});
  s.world.run_for(100);
  EXPECT_GT(s.server->requests().large_bytes(), 4000);
  second.send(OpCode::create, CreateRequest{"/one-too-many", large, sim::open_acl(), 0});
  s.world.run_for(100);
  EXPECT_TRUE(second.is_closed());
  s.world.workers.go_on();
  ASSERT_NE(first.wait(last), nullptr);
  EXPECT_EQ(s.server->requests().large_bytes(), 0);
  EXPECT_EQ(first.create("/again", large), Error::ok);
}

TEST(Limits, above_the_limit_of_connections_the_next_is_closed_immediately) {
  ServerWorld s;
  s.options.limits.connections_max = 2;
  ASSERT_TRUE(s.start());
  sim::Client& first = s.connected();
  EXPECT_TRUE(s.client("10.0.0.2").connect());
  EXPECT_FALSE(s.client("10.0.0.3").connect());
  first.drop();
  s.world.run_for(10);
  EXPECT_TRUE(s.client("10.0.0.3").connect());
}

TEST(Limits, connections_per_address_are_limited_and_a_closed_one_makes_room_for_another) {
  ServerWorld s;
  s.options.limits.client_connections_max = 2;
  ASSERT_TRUE(s.start());
  sim::Client& first = s.connected();
  s.connected();
  EXPECT_FALSE(s.client().connect());
  sim::Client& elsewhere = s.client("10.0.0.9");
  EXPECT_TRUE(elsewhere.connect());
  first.drop();
  s.world.run_for(10);
  EXPECT_TRUE(s.client().connect());
}

class ShortResponder : public WordResponder {
 public:
  [[nodiscard]] bool knows(std::string_view word) const override {
    return word == "ruok" || word == "mute" || word == "long";
  }
  std::string answer(std::string_view word, std::string_view rest, const env::Address& from) override {
    last_rest = rest;
    if (word == "mute") return {};
    return word == "long" ? std::string(3'000'000, 'l') : "imok for " + from.host;
  }
  std::string last_rest;
};

TEST(Limits, a_four_letter_word_is_answered_and_the_connection_closed) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    ShortResponder desk;
    ServerWorld s(seed);
    s.desk = &desk;
    ASSERT_TRUE(s.start());
    for (const auto& [word, answer] : {std::pair<std::string, std::string>{"ruok\n", "imok for 10.0.0.1"},
                                       {"mute", ""},
                                       {"long", std::string(3'000'000, 'l')}}) {
      sim::Client& client = s.client();
      client.keep_raw();
      client.dial();
      client.send_raw(word);
      s.world.run_for(3000);
      EXPECT_TRUE(client.is_closed()) << word;
      EXPECT_EQ(client.raw().size(), answer.size());
      EXPECT_TRUE(client.raw() == answer);
    }
    // Inside a session these bytes are the length of a frame.
    sim::Client& client = s.connected();
    client.send_raw("ruok");
    s.world.run_for(100);
    EXPECT_TRUE(client.is_closed());
  }
}

}  // namespace
}  // namespace quoll::server
