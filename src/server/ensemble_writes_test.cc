// Ensembles of production servers on simulated machines: writes, reads and syncs at any member.
#include "server/test_ensemble.h"

namespace quoll::server {
namespace {

TEST(EnsembleWrites, three_elect_a_leader_and_replicate_a_write_to_all) {
  ServingEnsemble e;
  sim::Client& client = e.connected(e.leader());
  EXPECT_EQ(client.create("/a", "one"), Error::ok);
  ASSERT_TRUE(e.agree());
  for (int id = 1; id <= 3; ++id) {
    sim::Client& reader = e.connected(id);
    EXPECT_EQ(reader.get("/a"), "one") << id;
  }
}

TEST(EnsembleWrites, a_learner_forwards_writes_and_answers_in_the_order_of_the_session) {
  ServingEnsemble e;
  sim::Client& client = e.connected(e.a_learner());
  EXPECT_EQ(client.create("/a", "one"), Error::ok);
  EXPECT_EQ(client.create("/a", "again"), Error::node_exists);
  EXPECT_EQ(client.get("/a"), "one");
  const std::int32_t set = client.send(OpCode::set_data, SetDataRequest{"/a", base::NullableView("two"), -1});
  const std::int32_t get = client.send(OpCode::get_data, WatchedReadRequest{"/a", false});
  ASSERT_NE(client.wait(get), nullptr);
  EXPECT_EQ(client.reply(set)->err, Error::ok);
  EXPECT_EQ(client.get("/a"), "two");
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleWrites, a_sync_on_a_learner_shows_what_was_written_before_it_elsewhere) {
  ServingEnsemble e;
  sim::Client& writer = e.connected(e.leader());
  sim::Client& reader = e.connected(e.a_learner());
  EXPECT_EQ(writer.create("/a", "0"), Error::ok);
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(writer.set("/a", std::to_string(i)), Error::ok);
    const sim::Arrival* const synced = reader.call(OpCode::sync, PathRequest{"/a"});
    ASSERT_NE(synced, nullptr);
    EXPECT_EQ(reader.get("/a"), std::to_string(i));
  }
}

TEST(EnsembleWrites, an_observer_serves_reads_and_writes_and_has_no_vote) {
  ServingEnsemble e(3, 1);
  sim::Client& client = e.connected(4);
  EXPECT_EQ(client.create("/a", "one"), Error::ok);
  EXPECT_EQ(client.get("/a"), "one");
  EXPECT_TRUE(e.agree());
  // Two voters and an observer of four members: the voters are a quorum; one voter and the observer are not.
  e.kill(e.leader());
  ASSERT_TRUE(e.settle());
  e.kill(e.leader());
  e.simulation.run_for(20'000);
  EXPECT_EQ(e.leader(), 0);
}

TEST(EnsembleWrites, e9_requests_behind_a_close_change_nothing_on_any_member) {
  ServingEnsemble e;
  sim::Client& client = e.connected(e.a_learner());
  sim::Client& other = e.connected(e.leader());
  ASSERT_EQ(client.create("/a", "one"), Error::ok);
  // The close and what comes behind it are on their way to the leader together.
  client.send(OpCode::close_session, EmptyRequest{});
  client.send(OpCode::create, CreateRequest{"/b", base::NullableView("x"), sim::open_acl(), 0});
  client.send(OpCode::create, CreateRequest{"/e", base::NullableView("x"), sim::open_acl(), 1});
  client.send(OpCode::set_data, SetDataRequest{"/a", base::NullableView("two"), -1});
  e.simulation.run_for(2000);
  ASSERT_TRUE(e.agree());
  EXPECT_EQ(other.get("/a"), "one");
  EXPECT_FALSE(other.exists("/b").has_value());
  EXPECT_FALSE(other.exists("/e").has_value());
}

}  // namespace
}  // namespace quoll::server
