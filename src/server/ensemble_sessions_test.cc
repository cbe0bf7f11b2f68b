// Sessions in ensembles of production servers: they survive their member, move between members, and end on all.
#include "server/test_ensemble.h"

namespace quoll::server {
namespace {

TEST(EnsembleSessions, a_session_survives_the_death_of_its_server_with_its_ephemerals) {
  ServingEnsemble e;
  const int mine = e.a_learner();
  sim::Client& client = e.connected(mine);
  EXPECT_EQ(client.create("/e", "", 1), Error::ok);
  e.kill(mine);
  client.to(fmt::format("server{}", e.leader()));
  ASSERT_TRUE(client.reconnect());
  EXPECT_TRUE(client.exists("/e").has_value());
  const int other = e.a_learner();
  client.drop();
  client.to(fmt::format("server{}", other));
  ASSERT_TRUE(client.reconnect());
  EXPECT_TRUE(client.exists("/e").has_value());
}

TEST(EnsembleSessions, a_session_ends_on_all_members_when_its_client_is_silent) {
  ServingEnsemble e;
  sim::Client& client = e.connected(e.a_learner(), 4000);
  EXPECT_EQ(client.create("/e", "", 1), Error::ok);
  sim::Client& other = e.connected(e.leader());
  // The learner tells the leader what it hears, so the session lives as long as its client pings.
  for (int i = 0; i < 10; ++i) {
    e.simulation.run_for(1000);
    client.ping();
    other.ping();
  }
  EXPECT_TRUE(other.exists("/e").has_value());
  client.go_silent();
  for (int i = 0; i < 10; ++i) {
    e.simulation.run_for(1000);
    other.ping();
  }
  EXPECT_FALSE(other.exists("/e").has_value());
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleSessions, e2_a_client_that_moves_a_hundred_times_is_never_told_that_its_session_is_elsewhere) {
  ServingEnsemble e;
  sim::Client& client = e.connected(1);
  ASSERT_EQ(client.create("/a"), Error::ok);
  for (int i = 0; i < 100; ++i) {
    client.drop();
    client.to(EnsembleWorld::name_of(1 + i % 3));
    ASSERT_TRUE(client.reconnect()) << i;
    ASSERT_EQ(client.set("/a", std::to_string(i)), Error::ok) << i;
  }
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleSessions, e3_a_client_that_sends_only_multis_may_move_too) {
  ServingEnsemble e;
  sim::Client& client = e.connected(1);
  for (int i = 0; i < 100; ++i) {
    client.drop();
    client.to(EnsembleWorld::name_of(1 + i % 3));
    ASSERT_TRUE(client.reconnect()) << i;
    const std::string path = fmt::format("/n{}", i);
    const std::vector<SubRequest> ops{
        SubRequest{OpCode::create, CreateRequest{path, base::NullableView("x"), sim::open_acl(), 0}}};
    const sim::Arrival* const reply = client.wait(client.send_multi(ops));
    ASSERT_NE(reply, nullptr) << i;
    ASSERT_EQ(reply->err, Error::ok) << i;
  }
  EXPECT_TRUE(e.agree());
}

// The connection that the client has left may still have requests under way when it works on another member.
TEST(EnsembleSessions, e2_requests_on_the_connection_that_a_client_has_left_are_refused_and_it_is_closed) {
  ServingEnsemble e;
  const int old = e.a_learner();
  sim::Client& client = e.connected(old);
  ASSERT_EQ(client.create("/a", "0"), Error::ok);
  sim::Client& again = e.client(e.leader());
  ASSERT_TRUE(again.connect({.session = client.session(), .password = client.password()}));
  const std::int32_t late = client.send(OpCode::set_data, SetDataRequest{"/a", base::NullableView("late"), -1});
  ASSERT_EQ(again.set("/a", "1"), Error::ok);
  e.simulation.run_until([&] { return client.is_closed(); }, 5000);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(client.reply(late), nullptr);
  EXPECT_EQ(again.get("/a"), "1");
}

TEST(EnsembleSessions, e2_a_close_that_comes_late_on_the_connection_that_a_client_has_left_closes_nothing) {
  ServingEnsemble e;
  const int old = e.a_learner();
  sim::Client& client = e.connected(old);
  ASSERT_EQ(client.create("/e", "", 1), Error::ok);
  e.simulation.network.route(EnsembleWorld::name_of(old), EnsembleWorld::name_of(e.leader())).more_latency_us =
      4'000'000;
  client.send(OpCode::close_session, EmptyRequest{});
  e.simulation.run_for(5);
  sim::Client& again = e.client(e.leader());
  ASSERT_TRUE(again.connect({.session = client.session(), .password = client.password()}));
  ASSERT_EQ(again.set("/e", "1"), Error::ok);
  e.simulation.run_for(6'000);
  EXPECT_EQ(again.get("/e"), "1");
  EXPECT_EQ(again.set("/e", "2"), Error::ok);
}

TEST(EnsembleSessions, a23_sessions_that_begin_and_end_while_members_join_are_the_same_on_all) {
  ServingEnsemble e(3, 1);
  const int away = e.a_learner();
  for (int round = 0; round < 6; ++round) {
    const int joins = round % 2 == 0 ? away : 4;
    e.kill(joins);
    sim::Client& writer = e.connected(e.leader());
    for (int i = 0; i < (round < 2 ? 1200 : 5); ++i)
      writer.send(OpCode::create,
                  CreateRequest{fmt::format("/r{}n{}", round, i), base::NullableView("x"), sim::open_acl(), 0});
    ASSERT_EQ(writer.create(fmt::format("/r{}", round)), Error::ok);
    e.start(joins);
    for (int i = 0; i < 20; ++i) {
      sim::Client& client = e.connected(e.leader());
      ASSERT_EQ(client.create(fmt::format("/r{}e{}", round, i), "", 1), Error::ok);
      if (i % 2 == 0) client.send(OpCode::close_session, EmptyRequest{});
    }
    ASSERT_TRUE(e.settle());
    EXPECT_TRUE(e.agree()) << round;
  }
}

}  // namespace
}  // namespace quoll::server
