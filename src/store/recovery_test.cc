#include "store/recovery.h"

#include <cerrno>

#include "store/file_names.h"
#include "store/history_note.h"
#include "store/log_format.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() { disk.put(kVersionDir + "/readme", ""); }
  void write_log(std::int64_t first, std::int64_t last) {
    std::string bytes = log_header();
    for (std::int64_t zxid = first; zxid <= last; ++zxid) append_entry(create_txn(zxid), bytes);
    disk.put(kVersionDir + "/" + log_name(Zxid{first}), bytes + std::string(100, '\0'));
  }
  void snapshot(std::int64_t zxid) { ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), ""); }
  std::string path(std::int64_t zxid) const { return kVersionDir + "/" + snapshot_name(Zxid{zxid}, ""); }
  void expect_refused(std::string_view why) {
    const Outcome outcome = start(disk, options);
    ASSERT_FALSE(outcome.recovered);
    EXPECT_NE(outcome.recovered.error().find(why), std::string::npos) << outcome.recovered.error();
  }
  sim::MemoryDisk disk;
  Options options = small_options();
};

TEST_F(RecoveryTest, empty_directories_are_a_fresh_database) {
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered);
  EXPECT_TRUE(outcome.recovered->is_fresh);
  EXPECT_FALSE(outcome.recovered->is_suspect);
  EXPECT_EQ(outcome.recovered->last, Zxid{0});
}

TEST_F(RecoveryTest, an_empty_database_without_initialize_file_is_suspect) {
  options.db_autocreate = false;
  EXPECT_TRUE(start(disk, options).recovered->is_suspect);
  disk.put("/data/initialize", "");
  for (int life = 0; life < 2; ++life) {
    EXPECT_FALSE(start(disk, options).recovered->is_suspect);
    EXPECT_TRUE(disk.stat("/data/initialize")->has_value()) << "until there is a first snapshot";
  }
}

TEST_F(RecoveryTest, an_empty_database_that_was_noted_as_incomplete_counts_again_with_an_initialize_file) {
  options.db_autocreate = false;
  ASSERT_TRUE(write_history_note(disk, kVersionDir, {}));
  snapshot(0);
  EXPECT_TRUE(start(disk, options).recovered->is_suspect);
  disk.put("/data/initialize", "");
  EXPECT_FALSE(start(disk, options).recovered->is_suspect);
  EXPECT_FALSE(start(disk, options).recovered->is_suspect) << "the note is gone";
}

TEST_F(RecoveryTest, records_written_under_a_larger_limit_are_readable) {
  std::string bytes = log_header();
  append_entry(create_txn(1, 5'000'000), bytes);
  append_entry(create_txn(2), bytes);
  disk.put(kVersionDir + "/" + log_name(Zxid{1}), bytes + std::string(100, '\0'));
  snapshot(0);
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(RecoveryTest, the_newest_snapshot_and_the_transactions_after_it_are_recovered) {
  snapshot(0);
  snapshot(4);
  write_log(1, 4);
  write_log(5, 7);
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->snapshot, Zxid{4});
  EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{5, 6, 7}));
  EXPECT_EQ(outcome.recovered->last, Zxid{7});
}

TEST_F(RecoveryTest, a_snapshot_newer_than_all_logs_is_enough) {
  snapshot(0x200000005);
  write_log(1, 4);
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{0x200000005});
  EXPECT_EQ(outcome.recovered->transactions, 0);
}

TEST_F(RecoveryTest, a_newest_snapshot_damaged_at_any_byte_leaves_no_trace) {
  snapshot(4);
  snapshot(6);
  write_log(5, 7);
  const std::string good = disk.content(path(6));
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    disk.put(path(6), good.substr(0, bytes));
    const Outcome outcome = start(disk, options);
    ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
    if (outcome.recovered->snapshot == Zxid{6}) continue;  // just after a checksum
    EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{5, 6, 7}));
    ASSERT_EQ(outcome.target.nodes.at("/node3").bytes, "4");
    EXPECT_EQ(outcome.target.nodes.size(), 21u);
    EXPECT_FALSE(outcome.recovered->reports.empty());
  }
}

TEST_F(RecoveryTest, an_older_snapshot_without_the_logs_up_to_the_bad_one_is_refused) {
  snapshot(4);
  disk.put(path(6), "broken");
  write_log(7, 8);
  expect_refused("0x7 follows 0x4");
  // Also if the log is of a later epoch.
  ASSERT_TRUE(disk.remove(kVersionDir + "/log.7"));
  write_log(0x100000006, 0x100000007);
  expect_refused("0x100000006 follows 0x4");
}

TEST_F(RecoveryTest, logs_without_a_snapshot_are_refused_unless_trusted) {
  write_log(1, 4);
  expect_refused("No snapshot");
  disk.put(path(0), "");
  expect_refused("No snapshot");
  options.trust_empty_snapshot = true;
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{4});
  EXPECT_FALSE(outcome.recovered->is_fresh);
}

TEST_F(RecoveryTest, trusted_logs_may_begin_anywhere) {
  options.trust_empty_snapshot = true;
  write_log(0x300000001, 0x300000004);
  EXPECT_EQ(start(disk, options).recovered->last, Zxid{0x300000004});
}

TEST_F(RecoveryTest, only_broken_snapshots_are_refused_even_without_logs) {
  disk.put(path(7), "broken");
  expect_refused("Ignoring /data/version-2/snapshot.7 (6 bytes)");
  options.trust_empty_snapshot = true;
  expect_refused("No snapshot");
}

TEST_F(RecoveryTest, logs_without_transactions_need_no_snapshot) {
  disk.put(kVersionDir + "/log.1", log_header() + std::string(100, '\0'));
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_TRUE(outcome.recovered->is_fresh);
}

TEST_F(RecoveryTest, at_most_a_hundred_snapshots_are_tried) {
  snapshot(1);
  const std::string good = disk.content(path(1));
  std::string bad = good;
  bad[100] ^= 1;
  for (std::int64_t zxid = 2; zxid <= 102; ++zxid) disk.put(path(zxid), bad);
  expect_refused("No snapshot");
  ASSERT_TRUE(disk.remove(path(102)));
  ASSERT_TRUE(disk.remove(path(101)));
  EXPECT_EQ(start(disk, options).recovered->snapshot, Zxid{1});
}

TEST_F(RecoveryTest, the_recovered_history_is_durable_when_recovery_returns) {
  snapshot(0);
  {
    LogWriter writer(disk, kVersionDir, options);
    QueueWorker worker;
    writer.append(Zxid{1}, create_txn(1));
    ASSERT_EQ(flush(writer, worker), "");
    // Written but not fsynced, as left by a killed process.
    disk.inject({sim::MemoryDisk::Call::sync, "log.1", EIO, 0, 1});
    writer.append(Zxid{2}, create_txn(2));
    ASSERT_NE(flush(writer, worker), "");
  }
  ASSERT_EQ(start(disk, options).recovered->last, Zxid{2});
  disk.cut();
  EXPECT_EQ(start(disk, options).recovered->last, Zxid{2});
}

// After a failed fsync by another server the pages count as clean: only writing them again brings them to the disk.
TEST_F(RecoveryTest, the_history_of_a_log_without_a_mark_is_written_again) {
  snapshot(0);
  std::string bytes = log_header();
  for (std::int64_t zxid = 1; zxid <= 3; ++zxid) append_entry(create_txn(zxid), bytes);
  {
    auto file = disk.open(kVersionDir + "/log.1", env::OpenMode::create);
    ASSERT_TRUE((*file)->write(0, bytes));
    disk.inject({sim::MemoryDisk::Call::sync, "log.1", EIO, 0, 1});
    ASSERT_FALSE((*file)->sync());
  }
  ASSERT_EQ(start(disk, options).recovered->last, Zxid{3});
  disk.cut();
  EXPECT_EQ(start(disk, options).recovered->last, Zxid{3});
}

TEST_F(RecoveryTest, older_logs_and_the_snapshot_are_durable_when_recovery_returns) {
  const auto leave = [&](const std::string& name, const std::string& content) {
    auto file = disk.open(kVersionDir + "/" + name, env::OpenMode::create);
    ASSERT_TRUE((*file)->write(0, content));
  };
  snapshot(0);
  const std::string zero = disk.content(path(0));
  ASSERT_TRUE(disk.remove(path(0)));
  ASSERT_TRUE(disk.sync_directory(kVersionDir));
  leave(snapshot_name(Zxid{0}, ""), zero);
  for (std::int64_t first : {1, 3, 5}) {
    std::string bytes = log_header();
    for (std::int64_t zxid = first; zxid < first + 2; ++zxid) append_entry(create_txn(zxid), bytes);
    leave(log_name(Zxid{first}), bytes);
  }
  ASSERT_EQ(start(disk, options).recovered->last, Zxid{6});
  disk.cut();
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{6});
}

TEST_F(RecoveryTest, a_refused_start_changes_nothing) {
  options.db_autocreate = false;
  disk.put("/data/initialize", "");
  snapshot(0);
  write_log(1, 4);
  std::string bytes = disk.content(kVersionDir + "/log.1");
  bytes[70] = static_cast<char>(bytes[70] ^ 1);
  disk.put(kVersionDir + "/log.1", bytes);
  disk.put(kVersionDir + "/log.5", log_header());
  expect_refused("log.1 is damaged");
  EXPECT_TRUE(disk.stat("/data/initialize")->has_value());
  EXPECT_EQ(disk.content(kVersionDir + "/log.1"), bytes);
  EXPECT_EQ(disk.content(kVersionDir + "/log.5"), log_header());
  EXPECT_FALSE(disk.stat(kVersionDir + "/quoll.durable")->has_value());
}

TEST_F(RecoveryTest, a_failing_fsync_refuses_the_start) {
  snapshot(0);
  write_log(1, 2);
  for (const auto call : {sim::MemoryDisk::Call::sync, sim::MemoryDisk::Call::sync_directory}) {
    disk.inject({call, "version-2", EIO, 0, 1});
    expect_refused("Input/output error");
  }
  EXPECT_TRUE(start(disk, options).recovered);
}

TEST_F(RecoveryTest, a_transaction_refused_by_the_target_stops_recovery) {
  class Refusing : public Remembering {
    std::expected<void, std::string> on_transaction(const LogEntry&) override {
      return std::unexpected("unknown type 99");
    }
  };
  snapshot(0);
  write_log(1, 2);
  LineLog log;
  auto dirs = DataDirs::open(disk, options, log);
  Refusing target;
  const auto recovered = recover(*dirs, options, kWallMs, target);
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error(), "Transaction 0x1 cannot be replayed: unknown type 99");
}

}  // namespace
}  // namespace quoll::store
