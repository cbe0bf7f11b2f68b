// Ensembles of production servers of which one has a disk that fails or is full.
#include <cerrno>
#include <climits>

#include "server/test_ensemble.h"

namespace quoll::server {
namespace {

// Writes to the log of one member fail, or syncs of it, from now on.
void fail_log(EnsembleWorld& e, int id, sim::MemoryDisk::Call call, int code, int times = 1) {
  e.machine(id).disk.inject({.call = call, .path_part = "/log.", .code = code, .skip = 0, .times = times});
}

TEST(EnsembleDisks, c10_a_leader_whose_log_fails_ends_and_another_one_leads_with_all_that_was_acknowledged) {
  for (const auto call : {sim::MemoryDisk::Call::write, sim::MemoryDisk::Call::sync}) {
    ServingEnsemble e;
    const int first = e.leader();
    sim::Client& client = e.connected(first);
    ASSERT_EQ(client.create("/a", "one"), Error::ok);
    fail_log(e, first, call, EIO);
    client.send(OpCode::set_data, SetDataRequest{"/a", base::NullableView("two"), -1});
    ASSERT_TRUE(e.simulation.run_until([&] { return !e.failure(first).empty(); }, 1000)) << "at once";
    e.kill(first);
    ASSERT_TRUE(e.simulation.run_until([&] { return e.leader() != 0 && e.leader() != first; }, 20'000));
    EXPECT_TRUE(e.connected(e.leader()).exists("/a").has_value());
    e.start(first);
    ASSERT_TRUE(e.settle());
    EXPECT_TRUE(e.agree());
  }
}

TEST(EnsembleDisks, a9_a_follower_whose_log_fails_ends_and_has_no_hole_when_it_comes_back) {
  for (const auto call : {sim::MemoryDisk::Call::write, sim::MemoryDisk::Call::sync}) {
    ServingEnsemble e;
    const int bad = e.a_learner();
    sim::Client& client = e.connected(e.leader());
    ASSERT_EQ(client.create("/a", "one"), Error::ok);
    fail_log(e, bad, call, EIO);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
    EXPECT_FALSE(e.failure(bad).empty());
    e.end(bad, sim::Machine::Ending::power_cut);
    e.start(bad);
    ASSERT_TRUE(e.settle());
    ASSERT_TRUE(e.agree());
    // It leads when the others are gone, and gives on what it has.
    for (int id = 1; id <= 3; ++id) {
      if (id != bad && id == e.leader()) e.kill(id);
    }
    ASSERT_TRUE(e.settle());
    EXPECT_TRUE(e.agree());
    EXPECT_TRUE(e.connected(bad).exists("/n9").has_value());
  }
}

TEST(EnsembleDisks, a_follower_whose_disk_is_full_does_not_stop_the_others_and_catches_up_when_there_is_space) {
  ServingEnsemble e;
  const int full = e.a_learner();
  fail_log(e, full, sim::MemoryDisk::Call::write, ENOSPC, INT_MAX);
  sim::Client& client = e.connected(e.leader());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  EXPECT_TRUE(e.failure(full).empty()) << "it waits for space";
  e.machine(full).disk.clear_faults();
  ASSERT_TRUE(e.settle(60'000));
  EXPECT_TRUE(e.agree(60'000));
}

// Two of three could still write. Reads go on; a leader that gave up would have to be sure that another one can write.
TEST(EnsembleDisks, a_leader_whose_disk_is_full_refuses_writes_serves_reads_and_goes_on_when_there_is_space) {
  ServingEnsemble e;
  const int full = e.leader();
  sim::Client& client = e.connected(full);
  ASSERT_EQ(client.create("/a", "one"), Error::ok);
  fail_log(e, full, sim::MemoryDisk::Call::write, ENOSPC, INT_MAX);
  client.send(OpCode::set_data, SetDataRequest{"/a", base::NullableView("two"), -1});
  ASSERT_TRUE(e.simulation.run_until([&] { return e.server(full)->core().writes_are_off; }, 20'000));
  EXPECT_EQ(e.leader(), full);
  EXPECT_TRUE(e.failure(full).empty());
  sim::Client& reader = e.connected(e.a_learner());
  EXPECT_TRUE(reader.get("/a").has_value());
  e.machine(full).disk.clear_faults();
  ASSERT_TRUE(e.simulation.run_until([&] { return !e.server(full)->core().writes_are_off; }, 60'000));
  EXPECT_EQ(reader.set("/a", "three"), Error::ok);
  EXPECT_TRUE(e.agree());
}

}  // namespace
}  // namespace quoll::server
