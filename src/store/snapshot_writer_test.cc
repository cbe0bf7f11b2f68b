#include "store/snapshot_writer.h"

#include <cerrno>

#include "base/prng.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

std::vector<std::string> names(sim::MemoryDisk& disk) {
  std::vector<std::string> found;
  const auto entries = disk.list(kVersionDir);
  if (!entries) return found;
  for (const auto& entry : *entries) found.push_back(entry.name);
  return found;
}

TEST(snapshot_writer, a_power_cut_at_any_call_leaves_the_old_or_the_new_snapshot_complete) {
  for (std::int64_t calls = 0;; ++calls) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      sim::MemoryDisk disk;
      ASSERT_TRUE(start(disk, small_options()).recovered);
      ASSERT_EQ(write_snapshot(disk, small_options(), Zxid{5}), "");
      disk.power_off_after(calls);
      const bool done = write_snapshot(disk, small_options(), Zxid{9}).empty();
      base::Prng chance(seed);
      if (seed == 0) {
        disk.cut();
      } else {
        disk.cut(chance);
      }
      const Outcome outcome = start(disk, small_options());
      ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
      const Zxid found = *outcome.recovered->snapshot;
      ASSERT_TRUE(found == Zxid{9} || (found == Zxid{5} && !done));
      ASSERT_EQ(outcome.target.nodes.at("/node3").bytes, fmt::format("{}", found.value()));
      for (const std::string& name : names(disk)) EXPECT_FALSE(name.starts_with("quoll-tmp")) << name;
      if (done && seed == 19) return;
    }
    ASSERT_LT(calls, 100);
  }
}

TEST(snapshot_writer, every_failing_call_removes_the_incomplete_file_and_nothing_else) {
  using enum sim::MemoryDisk::Call;
  for (const auto call : {open, write, sync, rename}) {
    sim::MemoryDisk disk;
    ASSERT_TRUE(disk.make_directories(kVersionDir));
    ASSERT_EQ(write_snapshot(disk, small_options(), Zxid{5}), "");
    disk.inject({call, "quoll-tmp", ENOSPC, 0, 1});
    EXPECT_NE(write_snapshot(disk, small_options(), Zxid{9}).find("No space left"), std::string::npos);
    EXPECT_EQ(names(disk), std::vector<std::string>{"snapshot.5"});
    EXPECT_EQ(write_snapshot(disk, small_options(), Zxid{9}), "");
  }
}

TEST(snapshot_writer, an_abandoned_snapshot_leaves_no_file) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  QueueWorker worker;
  {
    SnapshotWriter writer(disk, worker, kVersionDir, small_options(), Zxid{1});
    writer.sessions({});
    writer.acl_count(0);
    writer.node("", std::string(600000, 'x'), -1, StatPersisted{});
    worker.run_all();
    EXPECT_EQ(names(disk).size(), 1u);
  }
  worker.run_all();
  EXPECT_TRUE(names(disk).empty());
}

TEST(snapshot_writer, pending_bytes_grow_until_the_worker_writes) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  QueueWorker worker;
  SnapshotWriter writer(disk, worker, kVersionDir, small_options(), Zxid{1});
  writer.sessions({});
  writer.acl_count(0);
  writer.node("", std::string(600000, 'x'), -1, StatPersisted{});
  EXPECT_GE(writer.pending_bytes(), 600000u);
  worker.run_all();
  EXPECT_EQ(writer.pending_bytes(), 0u);
}

}  // namespace
}  // namespace quoll::store
