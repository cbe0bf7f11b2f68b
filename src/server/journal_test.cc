#include "server/journal.h"

#include <gtest/gtest.h>

#include "sim/txn_bytes.h"
#include "sim/world.h"
#include "store/data_dirs.h"
#include "store/durable_mark.h"
#include "store/recovery.h"
#include "store/truncate.h"

namespace quoll::server {
namespace {

const std::string kDir = "/data/version-2";

std::string txn_bytes(std::int64_t zxid, std::size_t data_bytes = 10) {
  Txn txn;
  txn.header = TxnHeader{1, 1, zxid, 1700000000000 + zxid, static_cast<std::int32_t>(OpCode::set_data)};
  const std::string data(data_bytes, 'x');
  txn.body = SetDataTxn{"/", data, 1};
  return sim::bytes_of(txn);
}

// A history from which nothing is built.
class Zxids : public store::RecoveryTarget {
 public:
  void reset() override { zxids.clear(); }
  bool on_session(std::int64_t, std::int32_t) override { return true; }
  bool on_acl(std::int64_t, AclList) override { return true; }
  bool on_node(std::string_view, base::NullableView, std::int64_t, const StatPersisted&) override { return true; }
  void on_snapshot_end(Zxid, const store::SnapshotEnd&) override {}
  std::expected<void, std::string> on_transaction(const store::LogEntry& entry) override {
    zxids.push_back(entry.header.zxid);
    return {};
  }
  void on_recovery_progress(std::string_view, std::int64_t, std::int64_t) override {}
  std::vector<std::int64_t> zxids;
};

class JournalTest : public ::testing::Test {
 protected:
  explicit JournalTest(std::uint64_t seed = 1) : world(seed) {
    options.data_dir = "/data";
    options.pre_alloc_kb = 8;
    dirs.emplace(*store::DataDirs::open(world.disk, options, world.log));
    std::unique_ptr<env::Worker> worker = world.workers.start("snapshot");
    store::SnapshotWriter writer(world.disk, *worker, kDir, options, Zxid{0});
    writer.sessions({});
    writer.acl_count(0);
    writer.node("", "", -1, StatPersisted{});
    bool done = false;
    writer.finish(std::nullopt, std::nullopt, [&](auto result) { done = result.has_value(); });
    world.run_until([&] { return done; });
    journal = std::make_unique<Journal>(
        world.env(), kDir, options, Zxid{0}, 1000, stats,
        Journal::Listener{[this](const zab::LogFlushed& flushed) { flushes.push_back(flushed); },
                          [this](const env::DiskError& error) { failure = error.text; }, [](const env::DiskError&) {}});
  }
  void append(std::int64_t first, std::int64_t last, std::uint64_t generation) {
    for (std::int64_t zxid = first; zxid <= last; ++zxid) journal->append(Zxid{zxid}, txn_bytes(zxid), generation);
  }
  void wait_for(Zxid zxid, std::uint64_t generation = 0) {
    ASSERT_TRUE(world.run_until(
        [&] { return !flushes.empty() && flushes.back().up_to == zxid && flushes.back().generation == generation; }));
  }
  // Hands the log over, cuts the history back, and begins anew.
  void truncate(Zxid to, std::uint64_t generation) {
    bool done = false;
    journal->hand_over([&](env::Worker& worker) {
      worker.run([&] { EXPECT_EQ(store::truncate_history(*dirs, to, 0)->last, to); },
                 [&] {
                   journal->restart(to, generation);
                   done = true;
                 });
    });
    ASSERT_TRUE(world.run_until([&] { return done; }));
  }
  std::vector<std::int64_t> recovered() {
    journal.reset();
    dirs.reset();
    world.disk.cut();
    auto again = store::DataDirs::open(world.disk, options, world.log);
    Zxids target;
    const auto found = store::recover(*again, options, 0, target);
    EXPECT_TRUE(found) << found.error();
    return target.zxids;
  }

  sim::World world;
  store::Options options;
  ServerStats stats;
  std::optional<store::DataDirs> dirs;
  std::unique_ptr<Journal> journal;
  std::vector<zab::LogFlushed> flushes;
  std::string failure;
};

TEST_F(JournalTest, what_was_appended_is_reported_before_the_log_is_handed_over) {
  append(1, 3, 0);
  Zxid reported;
  journal->hand_over([&](env::Worker&) { reported = flushes.empty() ? Zxid{0} : flushes.back().up_to; });
  ASSERT_TRUE(world.run_until([&] { return reported != Zxid{0}; }));
  EXPECT_EQ(reported, Zxid{3});
  EXPECT_EQ(store::read_durable_mark(world.disk, kDir)->mark.last, Zxid{3});
}

TEST_F(JournalTest, the_log_goes_on_behind_what_a_truncation_leaves) {
  append(1, 5, 0);
  truncate(Zxid{3}, 1);
  const std::size_t old_flushes = flushes.size();
  append(0x100000001, 0x100000002, 1);
  wait_for(Zxid{0x100000002}, 1);
  for (std::size_t i = 0; i < flushes.size(); ++i) EXPECT_EQ(flushes[i].generation, i < old_flushes ? 0u : 1u);
  EXPECT_EQ(recovered(), (std::vector<std::int64_t>{1, 2, 3, 0x100000001, 0x100000002}));
  EXPECT_EQ(failure, "");
}

TEST_F(JournalTest, the_same_zxids_may_come_again_in_a_later_generation) {
  append(1, 5, 0);
  for (std::uint64_t generation = 1; generation < 4; ++generation) {
    truncate(Zxid{2}, generation);
    append(3, 5, generation);
    wait_for(Zxid{5}, generation);
  }
  EXPECT_EQ(recovered(), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

// The mark is synced a second after a flush; the log may be handed over before, meanwhile, and after.
TEST_F(JournalTest, the_log_may_be_handed_over_at_any_time) {
  append(1, 2, 0);
  for (std::uint64_t generation = 1; generation < 60; ++generation) {
    world.run_for(static_cast<std::int64_t>(generation * 37 % 1100));
    truncate(Zxid{2}, generation);
    append(3, 4, generation);
  }
  wait_for(Zxid{4}, 59);
  EXPECT_EQ(recovered(), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST_F(JournalTest, a_full_disk_is_waited_for) {
  append(1, 2, 0);
  wait_for(Zxid{2});
  world.disk.set_capacity(world.disk.used());
  journal->append(Zxid{3}, txn_bytes(3, 30'000), 0);
  bool is_handed_over = false;
  journal->hand_over([&](env::Worker&) { is_handed_over = true; });
  world.run_for(5000);
  EXPECT_TRUE(journal->is_stuck());
  EXPECT_FALSE(is_handed_over);
  world.disk.set_capacity(INT64_MAX);
  ASSERT_TRUE(world.run_until([&] { return is_handed_over; }));
  EXPECT_EQ(flushes.back().up_to, Zxid{3});
}

TEST_F(JournalTest, may_be_destroyed_while_it_is_handed_over) {
  append(1, 2, 0);
  journal->hand_over([&](env::Worker&) { FAIL() << "it is gone"; });
  journal.reset();
  world.run_for(5000);
}

}  // namespace
}  // namespace quoll::server
