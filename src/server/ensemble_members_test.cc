// Members of ensembles of production servers that come and go: failover, and how a member catches up.
#include "server/test_ensemble.h"

namespace quoll::server {
namespace {

TEST(EnsembleMembers, another_server_leads_when_the_leader_dies_and_nothing_acknowledged_is_lost) {
  ServingEnsemble e;
  const int first = e.leader();
  EXPECT_EQ(e.connected(first).create("/a", "one"), Error::ok);
  e.kill(first);
  ASSERT_TRUE(e.simulation.run_until([&] { return e.leader() != 0 && e.leader() != first; }, 5'000));
  ASSERT_TRUE(e.settle());
  sim::Client& client = e.connected(e.a_learner());
  EXPECT_EQ(client.get("/a"), "one");
  EXPECT_EQ(client.set("/a", "two"), Error::ok);
  e.start(first);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.agree());
  EXPECT_EQ(e.connected(first).get("/a"), "two");
}

TEST(EnsembleMembers, a_member_that_was_away_catches_up_by_the_transactions_that_it_lacks) {
  ServingEnsemble e;
  const int away = e.a_learner();
  e.kill(away);
  sim::Client& client = e.connected(e.leader());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  e.start(away);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleMembers, a_wiped_member_gets_a_snapshot_while_writes_go_on) {
  ServingEnsemble e;
  const int away = e.a_learner();
  e.kill(away);
  sim::Client& client = e.connected(e.leader());
  for (int i = 0; i < 2000; ++i)
    client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), base::NullableView("x"), sim::open_acl(), 0});
  ASSERT_EQ(client.create("/last"), Error::ok);
  e.machine(away).disk = sim::MemoryDisk();
  e.start(away);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.set("/last", std::to_string(i)), Error::ok);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.agree());
  EXPECT_EQ(e.connected(away).get("/last"), "199");
}

// A machine without power closes no connection, and who only receives never learns of it.
TEST(EnsembleMembers, j4_a_member_gives_up_a_leader_that_dies_silently_in_the_middle_of_its_state) {
  ServingEnsemble e(1, 1);
  e.kill(2);
  sim::Client& client = e.connected(1);
  // So many are not sent one by one.
  for (int i = 0; i < 2000; ++i)
    client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), base::NullableView("x"), sim::open_acl(), 0});
  for (int i = 0; i < 10; ++i) ASSERT_EQ(client.create(fmt::format("/l{}", i), std::string(900'000, 'x')), Error::ok);
  e.machine(2).disk = sim::MemoryDisk();
  e.start(2);
  ASSERT_TRUE(e.simulation.run_until([&] { return e.machine(2).log.has("Receiving the state"); }, 20'000));
  e.end(1, sim::Machine::Ending::power_cut);
  ASSERT_FALSE(e.machine(2).log.has("The state is the leader's now"));
  e.start(1);
  EXPECT_TRUE(e.settle(60'000));
  EXPECT_TRUE(e.machine(2).log.has("nothing of its state has come for 20000 ms (initLimit)"));
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleMembers, a26_an_ephemeral_that_the_dead_leader_had_proposed_is_on_all_members_or_on_none) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    ServingEnsemble e(5, 0, seed);
    const int first = e.leader();
    sim::Client& client = e.connected(first, 4000);
    client.send(OpCode::create, CreateRequest{"/e", base::NullableView("x"), sim::open_acl(), 1});
    // The proposal is at none, some, or all of the others by then.
    e.simulation.run_until([] { return false; }, static_cast<std::int64_t>(seed) / 3);
    e.end(first, sim::Machine::Ending::power_cut);
    ASSERT_TRUE(e.simulation.run_until([&] { return e.leader() != 0 && e.leader() != first; }, 20'000));
    e.start(first);
    ASSERT_TRUE(e.settle());
    EXPECT_TRUE(e.agree());
    e.simulation.run_for(20'000);
    EXPECT_EQ(e.state(first).tree.ephemerals_count(), 0) << "its session has expired";
    EXPECT_TRUE(e.agree());
  }
}

TEST(EnsembleMembers, a24_what_a_leader_logged_without_a_quorum_is_in_no_snapshot_and_on_no_member_afterwards) {
  ServingEnsemble e;
  const int old = e.leader();
  sim::Client& client = e.connected(old);
  ASSERT_EQ(client.create("/seen"), Error::ok);
  e.isolate(old);
  client.send(OpCode::create, CreateRequest{"/alone", base::NullableView("x"), sim::open_acl(), 0});
  e.simulation.run_for(200);
  e.end(old, sim::Machine::Ending::power_cut);
  // It is elected nowhere, so it takes no snapshot, although every start would.
  e.start(old);
  ASSERT_TRUE(e.simulation.run_until([&] { return e.leader() != 0 && e.leader() != old; }, 20'000));
  e.kill(old);
  e.heal();
  ASSERT_EQ(e.connected(e.leader()).create("/next"), Error::ok);
  e.start(old);
  ASSERT_TRUE(e.settle());
  ASSERT_TRUE(e.agree());
  sim::Client& reader = e.connected(old);
  EXPECT_TRUE(reader.exists("/seen").has_value());
  EXPECT_FALSE(reader.exists("/alone").has_value());
  e.end(old, sim::Machine::Ending::power_cut);
  e.start(old);
  ASSERT_TRUE(e.settle());
  EXPECT_FALSE(e.connected(old).exists("/alone").has_value()) << "nor after a restart";
}

TEST(EnsembleMembers, j5_a_member_that_takes_nothing_any_more_delays_neither_writes_nor_an_election) {
  ServingEnsemble e(5);
  const int first = e.leader();
  const int silent = e.a_learner();
  e.isolate(silent);
  sim::Client& client = e.connected(first);
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i), std::string(10'000, 'x')), Error::ok);
  e.kill(first);
  const std::int64_t died_us = e.simulation.scheduler.now_us();
  ASSERT_TRUE(e.simulation.run_until([&] { return e.leader() != 0 && e.leader() != first; }, 20'000));
  EXPECT_LE(e.simulation.scheduler.now_us() - died_us, 1'000'000);
}

TEST(EnsembleMembers, b7_one_without_its_data_and_one_that_was_away_serve_nobody) {
  EnsembleWorld e(3);
  e.base_options.store.db_autocreate = false;
  for (const int id : e.ids()) e.machine(id).disk.put("/data/initialize", "");
  e.start_all();
  ASSERT_TRUE(e.settle());
  const int away = e.a_learner();
  e.kill(away);
  sim::Client& client = e.connected(e.leader());
  ASSERT_EQ(client.create("/seen"), Error::ok);
  const int last = e.leader();
  const int wiped = 6 - away - last;
  e.kill(wiped);
  e.kill(last);
  e.machine(wiped).disk = sim::MemoryDisk();
  e.start(away);
  e.start(wiped);
  e.simulation.run_for(60'000);
  EXPECT_EQ(e.leader(), 0);
  e.kill(wiped);
  e.start(wiped);
  e.simulation.run_for(60'000);
  EXPECT_EQ(e.leader(), 0) << "it has a database now, but still not its data";
  e.start(last);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.connected(wiped).exists("/seen").has_value());
  // A leader has given it everything, so it counts again.
  e.kill(e.leader());
  EXPECT_TRUE(e.settle(40'000));
}

}  // namespace
}  // namespace quoll::server
