#include "store/log_writer.h"

#include <cerrno>

#include "base/prng.h"
#include "store/file_names.h"
#include "store/log_format.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

class LogWriterTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk.make_directories(kVersionDir)); }
  sim::MemoryDisk disk;
  QueueWorker worker;
  Options options = small_options();
};

TEST_F(LogWriterTest, one_flush_writes_everything_appended_and_appends_continue_meanwhile) {
  LogWriter writer(disk, kVersionDir, options);
  writer.append(Zxid{1}, create_txn(1));
  writer.append(Zxid{2}, create_txn(2));
  std::vector<FlushInfo> done;
  const auto note = [&](std::expected<FlushInfo, env::DiskError> result) { done.push_back(result.value()); };
  writer.flush(worker, note);
  writer.append(Zxid{3}, create_txn(3));
  EXPECT_EQ(writer.waiting(), 1u);
  EXPECT_TRUE(done.empty());
  worker.run_all();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].records, 2u);
  EXPECT_EQ(done[0].last, Zxid{2});
  writer.flush(worker, note);
  worker.run_all();
  EXPECT_EQ(done[1].last, Zxid{3});
}

TEST_F(LogWriterTest, roll_names_the_next_file_for_the_next_transaction) {
  LogWriter writer(disk, kVersionDir, options);
  writer.append(Zxid{0x1f}, create_txn(0x1f));
  writer.roll();
  writer.append(Zxid{0x20}, create_txn(0x20));
  ASSERT_EQ(flush(writer, worker), "");
  EXPECT_TRUE(disk.stat(kVersionDir + "/log.1f")->has_value());
  EXPECT_TRUE(disk.stat(kVersionDir + "/log.20")->has_value());
}

TEST_F(LogWriterTest, size_limit_rolls) {
  options.log_size_limit_kb = 1;
  LogWriter writer(disk, kVersionDir, options);
  for (std::int64_t zxid = 1; zxid <= 6; ++zxid) writer.append(Zxid{zxid}, create_txn(zxid, 600));
  ASSERT_EQ(flush(writer, worker), "");
  EXPECT_TRUE(disk.stat(kVersionDir + "/log.3")->has_value());
  EXPECT_TRUE(disk.stat(kVersionDir + "/log.5")->has_value());
  EXPECT_FALSE(disk.stat(kVersionDir + "/log.2")->has_value());
}

TEST_F(LogWriterTest, flushed_transactions_survive_a_power_cut) {
  LogWriter writer(disk, kVersionDir, options);
  ASSERT_TRUE(disk.sync_directory("/data"));
  ASSERT_TRUE(disk.sync_directory("/"));
  writer.append(Zxid{1}, create_txn(1));
  ASSERT_EQ(flush(writer, worker), "");
  const std::string before = disk.content(kVersionDir + "/log.1");
  writer.append(Zxid{2}, create_txn(2));
  disk.cut();
  EXPECT_EQ(disk.content(kVersionDir + "/log.1"), before);
  EXPECT_NE(before, "");
}

TEST_F(LogWriterTest, every_failing_call_is_reported_once) {
  using enum sim::MemoryDisk::Call;
  for (const auto call : {open, write, sync, resize, sync_directory}) {
    for (const std::string part : {"log.1", "quoll.durable", "version-2"}) {
      sim::MemoryDisk failing;
      ASSERT_TRUE(failing.make_directories(kVersionDir));
      failing.inject({call, part, ENOSPC});
      LogWriter writer(failing, kVersionDir, options);
      writer.append(Zxid{1}, create_txn(1));
      const bool applies =
          !(call == sync_directory && part != "version-2") && !(call == resize && part == "quoll.durable");
      EXPECT_EQ(!flush(writer, worker).empty(), applies) << static_cast<int>(call) << part;
    }
  }
}

TEST_F(LogWriterTest, nothing_is_appended_after_an_error) {
  disk.inject({sim::MemoryDisk::Call::sync, "log.1", EIO});
  LogWriter writer(disk, kVersionDir, options);
  writer.append(Zxid{1}, create_txn(1));
  ASSERT_NE(flush(writer, worker), "");
  EXPECT_DEATH(writer.append(Zxid{2}, create_txn(2)), "after the disk has failed");
}

// One life of a server: it starts, may take a first snapshot, and writes batches of transactions until the power is cut
// or all batches are written.
class Life {
 public:
  Life(sim::MemoryDisk& disk, const Options& options) : disk_(disk), options_(options) {}

  // False if the start failed although the power was on and the disk worked.
  bool run(base::Prng& chance, int batches) {
    const Outcome outcome = start(disk_, options_);
    if (!outcome.recovered) {
      refusal = outcome.recovered.error();
      return disk_.is_off() || refusal.contains("Input/output error");
    }
    const Recovered& recovered = *outcome.recovered;
    reports = recovered.reports;
    last = recovered.last.value();
    if (last < acknowledged) {
      refusal = fmt::format("history ends at 0x{:x}, 0x{:x} was acknowledged", last, acknowledged);
      return false;
    }
    // Recovered transactions count as acknowledged: the server votes with them.
    acknowledged = last;
    if (recovered.is_fresh && !write_snapshot(disk_, options_, Zxid{0}).empty()) return true;
    write(chance, batches);
    return true;
  }

  std::int64_t acknowledged = 0;
  std::int64_t last = 0;
  std::string refusal;
  Reports reports;

 private:
  void write(base::Prng& chance, int batches) {
    LogWriter writer(disk_, kVersionDir, options_);
    QueueWorker worker;
    std::int64_t next = chance.below(2) == 0 ? last + 1 : ((last >> 32) + 1) * (std::int64_t{1} << 32) + 1;
    for (int batch = 0; batch < batches; ++batch) {
      const std::uint64_t count = 1 + chance.below(4);
      for (std::uint64_t i = 0; i < count; ++i) {
        if (chance.below(6) == 0) writer.roll();
        writer.append(Zxid{next}, create_txn(next, chance.below(3000)));
        last = next++;
      }
      if (!flush(writer, worker).empty()) return;
      acknowledged = last;
    }
  }

  sim::MemoryDisk& disk_;
  Options options_;
};

TEST(log_crash, a_power_cut_at_any_call_loses_nothing_acknowledged_and_the_next_start_succeeds) {
  const Options options = small_options();
  for (std::int64_t calls = 0;; ++calls) {
    sim::MemoryDisk disk;
    Life life(disk, options);
    base::Prng chance(7);
    disk.power_off_after(calls);
    ASSERT_TRUE(life.run(chance, 8)) << life.refusal;
    const bool finished = !disk.is_off();
    disk.cut();
    ASSERT_TRUE(life.run(chance, 1)) << "cut at call " << calls << ": " << life.refusal;
    if (finished) break;
    ASSERT_LT(calls, 2000);
  }
}

TEST(log_crash, random_torn_sectors_and_lost_names_over_many_restarts_lose_nothing_acknowledged) {
  const Options options = small_options();
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    base::Prng chance(seed);
    sim::MemoryDisk disk;
    Life life(disk, options);
    for (int lives = 0; lives < 5; ++lives) {
      disk.power_off_after(static_cast<std::int64_t>(chance.below(120)));
      ASSERT_TRUE(life.run(chance, 6)) << "seed " << seed << " life " << lives << ": " << life.refusal;
      disk.cut(chance);
    }
    ASSERT_TRUE(life.run(chance, 1)) << "seed " << seed << ": " << life.refusal;
  }
}

// After a failed fsync Linux keeps the pages and marks them clean: the next fsync succeeds but writes nothing.
TEST(log_crash, a_failed_fsync_a_restart_and_a_power_cut_leave_no_gap) {
  const Options options = small_options();
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    base::Prng chance(seed);
    sim::MemoryDisk disk;
    Life life(disk, options);
    ASSERT_TRUE(life.run(chance, 2)) << life.refusal;
    disk.inject({sim::MemoryDisk::Call::sync, "log.", EIO, static_cast<int>(chance.below(6)), 1});
    ASSERT_TRUE(life.run(chance, 6)) << life.refusal;
    disk.clear_faults();
    // The process ends; the machine and its page cache stay up.
    ASSERT_TRUE(life.run(chance, 2)) << "seed " << seed << ": " << life.refusal;
    disk.cut(chance);
    ASSERT_TRUE(life.run(chance, 2)) << "seed " << seed << ": " << life.refusal;
    disk.cut();
    ASSERT_TRUE(life.run(chance, 2)) << "seed " << seed << ": " << life.refusal;
  }
}

TEST(log_crash, a_full_disk_stops_the_writer_and_a_restart_with_space_continues) {
  for (int skip = 0; skip < 12; ++skip) {
    base::Prng chance(static_cast<std::uint64_t>(skip));
    sim::MemoryDisk disk;
    Life life(disk, small_options());
    disk.inject({sim::MemoryDisk::Call::write, "log.", ENOSPC, skip, 1000});
    ASSERT_TRUE(life.run(chance, 20)) << life.refusal;
    disk.clear_faults();
    ASSERT_TRUE(life.run(chance, 3)) << life.refusal;
  }
}

TEST_F(LogWriterTest, bytes_that_a_full_disk_refused_are_written_by_the_next_flush) {
  for (const int files : {1, 3}) {
    sim::MemoryDisk small;
    ASSERT_TRUE(small.make_directories(kVersionDir));
    LogWriter writer(small, kVersionDir, options);
    for (std::int64_t zxid = 1; zxid <= 30; ++zxid) {
      if (files == 3 && zxid % 10 == 1) writer.roll();
      writer.append(Zxid{zxid}, create_txn(zxid));
    }
    std::vector<std::expected<FlushInfo, env::DiskError>> done;
    // Space is added in steps of one page, so that it runs out at every possible call.
    for (std::int64_t room = 0; done.empty() || !done.back(); room += 4096) {
      ASSERT_LT(room, 1 << 20);
      small.set_capacity(room);
      writer.flush(worker, [&](auto result) { done.push_back(std::move(result)); });
      worker.run_all();
      EXPECT_EQ(writer.is_stuck(), !done.back());
    }
    EXPECT_GT(done.size(), 2u);
    EXPECT_EQ(done.back()->records, 30u);
    EXPECT_EQ(done.back()->last, Zxid{30});
    std::string expected = log_header();
    for (std::int64_t zxid = files == 1 ? 1 : 21; zxid <= 30; ++zxid) append_entry(create_txn(zxid), expected);
    const std::string got = small.content(std::string(kVersionDir) + "/" + log_name(Zxid{files == 1 ? 1 : 21}));
    EXPECT_EQ(got.substr(0, expected.size()), expected);
  }
}

}  // namespace
}  // namespace quoll::store
