// Opening, reattaching, moving and losing sessions.
#include "server/test_support.h"
#include "session/session_id.h"

namespace quoll::server {
namespace {

using sim::Arrival;
using sim::Greeting;

TEST(Sessions, a_client_of_another_ensemble_is_closed_without_an_answer) {
  ServerWorld s;
  s.options.auth.ensemble_enabled = true;
  s.options.auth.ensemble_names = {"ours"};
  ASSERT_TRUE(s.start());
  sim::Client& lost = s.connected();
  const auto refused = lost.send(OpCode::auth, AuthRequest{0, "ensemble", "theirs"});
  s.world.run_for(30);
  EXPECT_TRUE(lost.is_closed());
  EXPECT_EQ(lost.reply(refused), nullptr);
  sim::Client& right = s.connected();
  EXPECT_EQ(right.call(OpCode::auth, AuthRequest{0, "ensemble", "ours"})->err, Error::ok);
}

TEST(Sessions, a_client_gets_a_session_a_password_and_a_timeout_within_bounds) {
  for (const auto& [asked, given] : {std::pair{30000, 30000}, {1, 6000}, {-5, 6000}, {10'000'000, 60000}}) {
    ServerWorld s;
    ASSERT_TRUE(s.start());
    sim::Client& client = s.client();
    ASSERT_TRUE(client.connect({.timeout_ms = asked}));
    EXPECT_EQ(client.timeout_ms(), given);
    EXPECT_NE(client.session(), 0);
    EXPECT_TRUE(session::is_password_of(SessionId{client.session()}, client.password()));
    EXPECT_EQ(s.state().sessions.at(client.session()), given);
  }
}

TEST(Sessions, the_response_has_a_read_only_flag_exactly_when_the_request_did) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& modern = s.connected();
  EXPECT_EQ(modern.arrivals().front().body.size(), 37U);
  sim::Client& old = s.client();
  ASSERT_TRUE(old.connect({.read_only = std::nullopt}));
  EXPECT_EQ(old.arrivals().front().body.size(), 36U);
}

TEST(Sessions, a_wrong_password_is_answered_with_session_zero_and_a_closed_connection) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  const std::int64_t session = s.connected().session();
  sim::Client& thief = s.client();
  EXPECT_FALSE(thief.connect({.session = session, .password = std::string(16, 'x')}));
  ASSERT_EQ(thief.arrivals().size(), 1U);
  EXPECT_EQ(thief.timeout_ms(), 0);
  s.world.run_for(10);
  EXPECT_TRUE(thief.is_closed());
}

TEST(Sessions, an_unknown_session_is_answered_with_session_zero) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.client();
  EXPECT_FALSE(client.connect({.session = 12345, .password = session::password_of(SessionId{12345})}));
  EXPECT_EQ(client.session(), 0);
}

TEST(Sessions, a_session_keeps_its_ephemerals_over_a_new_connection) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const std::int64_t session = client.session();
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  client.cut();
  s.world.run_for(1000);
  ASSERT_TRUE(client.is_closed());
  ASSERT_TRUE(client.reconnect());
  EXPECT_EQ(client.session(), session);
  ASSERT_TRUE(client.exists("/e"));
  EXPECT_EQ(client.exists("/e")->ephemeral_owner, session);
}

TEST(Sessions, a_session_that_moves_closes_its_older_connection) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& first = s.connected();
  sim::Client& second = s.client();
  ASSERT_TRUE(second.connect({.session = first.session(), .password = first.password()}));
  s.world.run_for(100);
  EXPECT_TRUE(first.is_closed());
  EXPECT_FALSE(second.is_closed());
  EXPECT_EQ(second.create("/a"), Error::ok);
}

TEST(Sessions, a_client_that_has_seen_a_later_zxid_is_closed_without_an_answer) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.client();
  EXPECT_FALSE(client.connect({.last_zxid_seen = 1000}));
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(client.arrivals().empty());
}

TEST(Sessions, requests_sent_right_after_the_connect_request_are_answered_after_it) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ServerWorld s(seed);
    ASSERT_TRUE(s.start());
    sim::Client& client = s.client();
    client.dial();
    client.greet({});
    const std::int32_t created = client.send(OpCode::create, CreateRequest{"/a", "x", sim::open_acl(), 0});
    const std::int32_t got = client.send(OpCode::get_data, WatchedReadRequest{"/a", false});
    ASSERT_NE(client.wait(got), nullptr);
    ASSERT_EQ(client.arrivals().size(), 3U);
    EXPECT_EQ(client.arrivals()[0].kind, Arrival::session);
    EXPECT_EQ(client.arrivals()[1].xid, created);
    EXPECT_EQ(client.arrivals()[2].as<DataReply>().data.view(), "x");
  }
}

TEST(Sessions, a_silent_session_expires_within_a_tick_after_its_timeout_with_its_ephemerals) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& watcher = s.connected(60000);
  sim::Client& client = s.connected(6000);
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  ASSERT_TRUE(watcher.exists("/e", true));
  client.go_silent();
  const std::int64_t from_us = s.world.clock.elapsed_us();
  s.world.run_until([&] { return !watcher.events().empty(); });
  ASSERT_EQ(watcher.events().size(), 1U);
  EXPECT_EQ(watcher.events()[0].event_type, 2);
  const std::int64_t took_ms = (s.world.clock.elapsed_us() - from_us) / 1000;
  EXPECT_GE(took_ms, 5900);
  EXPECT_LE(took_ms, 6000 + 3000 + 100);
  EXPECT_FALSE(s.state().sessions.contains(client.session()));
}

TEST(Sessions, a_session_has_the_timeout_of_its_newest_connection) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& first = s.connected(6000);
  ASSERT_EQ(first.create("/e", "", 1), Error::ok);
  sim::Client& patient = s.client();
  ASSERT_TRUE(patient.connect({.timeout_ms = 30'000, .session = first.session(), .password = first.password()}));
  s.world.run_for(20'000);
  ASSERT_TRUE(s.has_node("/e"));
  sim::Client& hasty = s.client();
  ASSERT_TRUE(hasty.connect({.timeout_ms = 6000, .session = first.session(), .password = first.password()}));
  s.world.run_for(12'000);
  EXPECT_FALSE(s.has_node("/e"));
}

TEST(Sessions, pings_keep_a_session_alive) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(6000);
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  for (int i = 0; i < 20; ++i) {
    s.world.run_for(2000);
    client.ping();
  }
  s.world.run_for(100);
  EXPECT_TRUE(s.has_node("/e"));
  EXPECT_EQ(std::count_if(client.arrivals().begin(), client.arrivals().end(),
                          [](const Arrival& a) { return a.xid == kPingXid; }),
            20);
}

TEST(Sessions, an_expired_session_cannot_be_reattached) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(6000);
  s.world.run_for(20000);
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(client.reconnect());
}

TEST(Sessions, many_expired_sessions_are_closed_a_hundred_at_a_time) {
  ServerWorld s;
  s.options.limits.client_connections_max = 0;
  ASSERT_TRUE(s.start());
  for (int i = 0; i < 1000; ++i) s.connected(6000).drop();
  std::int64_t most = 0;
  std::int64_t seen = 0;
  const auto& expired = s.server->core().stats.metrics.sessions_expired;
  s.world.after_step = [&] { most = std::max(most, expired - std::exchange(seen, expired)); };
  ASSERT_TRUE(s.world.run_until([&] { return s.state().sessions.empty(); }, 60'000));
  EXPECT_EQ(expired, 1000);
  EXPECT_EQ(most, 100);
}

TEST(Sessions, close_session_is_answered_deletes_ephemerals_and_drops_later_requests) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  const std::int32_t closing = client.send(OpCode::close_session, EmptyRequest{});
  const std::int32_t late = client.send(OpCode::create, CreateRequest{"/late", "", sim::open_acl(), 0});
  s.world.run_for(1000);
  ASSERT_NE(client.reply(closing), nullptr);
  EXPECT_EQ(client.reply(closing)->err, Error::ok);
  EXPECT_EQ(client.reply(late), nullptr);
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(s.has_node("/e"));
  EXPECT_FALSE(s.has_node("/late"));
}

TEST(Sessions, a_restart_gives_every_session_its_full_timeout_again) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(10000);
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  s.world.run_for(8000);
  s.stop();
  s.world.run_for(60000);
  ASSERT_TRUE(s.start());
  s.world.run_for(8000);
  EXPECT_TRUE(s.has_node("/e"));
  ASSERT_TRUE(client.reconnect());
  s.world.run_for(30000);
  EXPECT_FALSE(s.has_node("/e"));
}

TEST(Sessions, after_a_clock_step_back_ids_of_open_sessions_are_not_reused) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  const std::int64_t before = s.connected(60000).session();
  s.stop();
  s.world.clock.jump_wall(-86'400'000);
  ASSERT_TRUE(s.start());
  EXPECT_GT(s.connected().session(), before);
}

TEST(Sessions, after_a_clock_step_back_ids_of_closed_sessions_are_not_reused) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  s.connected(60000);
  sim::Client& closed = s.connected(60000);
  ASSERT_NE(closed.call(OpCode::close_session, EmptyRequest{}), nullptr);
  s.stop();
  s.world.clock.jump_wall(-86'400'000);
  ASSERT_TRUE(s.start());
  sim::Client& next = s.connected(60000);
  EXPECT_GT(next.session(), closed.session());
  // Even after several starts.
  ASSERT_NE(next.call(OpCode::close_session, EmptyRequest{}), nullptr);
  s.stop();
  ASSERT_TRUE(s.start());
  EXPECT_GT(s.connected().session(), next.session());
}

// Clients continue to ping while the server's process stands still for longer or shorter than their timeouts.
TEST(Sessions, a_client_that_sent_something_during_a_stall_keeps_its_session) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    ServerWorld s(seed);
    s.options.tick_ms = 500;
    s.options.min_session_timeout_ms = 1000;
    ASSERT_TRUE(s.start());
    base::Prng chance(seed);
    std::vector<sim::Client*> clients;
    for (const std::int32_t timeout_ms : {1000, 1500, 2000, 4000, 10000}) clients.push_back(&s.connected(timeout_ms));
    s.world.run_for(static_cast<std::int64_t>(chance.below(500)));
    for (sim::Client* client : clients) client->ping();
    s.world.run_for(10);
    s.world.stand_still();
    const auto pings = static_cast<std::int64_t>(1 + chance.below(80));
    for (std::int64_t i = 0; i < pings; ++i) {
      s.world.run_for(200);
      for (sim::Client* client : clients) client->ping();
    }
    s.world.run_for(10);
    s.world.go_on();
    s.world.run_for(100);
    for (const sim::Client* client : clients) {
      EXPECT_TRUE(s.state().sessions.contains(client->session())) << client->timeout_ms() << " ms, " << pings;
      EXPECT_FALSE(client->is_closed());
    }
    s.world.run_for(20'000);
    EXPECT_TRUE(s.state().sessions.empty()) << "they expire later";
    if (HasFailure()) return;
  }
}

// New connections and their requests are unread, too, and take longer to process than a ping.
TEST(Sessions, a_client_that_reconnected_during_a_stall_keeps_its_session) {
  for (const std::int64_t stall_ms : {1100, 1400, 1700, 2500}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(seed);
      ServerWorld s(seed);
      s.options.tick_ms = 500;
      s.options.min_session_timeout_ms = 1000;
      ASSERT_TRUE(s.start());
      sim::Client& client = s.connected(1000);
      s.world.network.latency_us_max = 40'000;
      s.world.run_for(300);
      client.ping();
      s.world.run_for(300);
      s.world.stand_still();
      client.drop();
      sim::Client& again = s.client();
      again.dial();
      again.greet({.timeout_ms = 1000, .session = client.session(), .password = client.password()});
      s.world.run_for(stall_ms);
      s.world.go_on();
      s.world.run_for(1500);
      EXPECT_EQ(again.session(), client.session()) << stall_ms << " ms";
      if (HasFailure()) return;
    }
  }
}

TEST(Sessions, a_restart_in_the_same_millisecond_reuses_no_id) {
  constexpr std::int64_t k2020Ms = 1'577'836'800'000;
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& closed = s.connected(60000);
  ASSERT_NE(closed.call(OpCode::close_session, EmptyRequest{}), nullptr);
  s.stop();
  // The middle bits of an id are the time of the start.
  const std::int64_t started_ms = k2020Ms + ((closed.session() >> 16) & ((std::int64_t{1} << 40) - 1));
  s.world.clock.jump_wall(started_ms - s.world.clock.wall_ms());
  ASSERT_TRUE(s.start());
  EXPECT_GT(s.connected(60000).session(), closed.session());
}

TEST(Sessions, a_connection_without_a_session_is_closed_in_time) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& quiet = s.client();
  quiet.dial();
  sim::Client& half = s.client();
  half.dial();
  half.send_raw(std::string_view("\0\0\0\x2d\0\0", 6));
  sim::Client& good = s.connected(60000);
  s.world.run_for(9000);
  EXPECT_FALSE(quiet.is_closed() || half.is_closed());
  s.world.run_for(4000);
  EXPECT_TRUE(quiet.is_closed());
  EXPECT_TRUE(half.is_closed());
  EXPECT_FALSE(good.is_closed());
}

}  // namespace
}  // namespace quoll::server
