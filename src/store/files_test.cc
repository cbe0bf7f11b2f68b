// The smaller files and the directories: data_dirs.h, epoch_files.h, purge.h.
#include <cerrno>

#include "store/data_dirs.h"
#include "store/epoch_files.h"
#include "store/file_names.h"
#include "store/history_note.h"
#include "store/log_format.h"
#include "store/purge.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

TEST(data_dirs, are_created_and_survive_a_power_cut) {
  sim::MemoryDisk disk;
  Options options = small_options();
  options.data_dir = "/srv/zk/data";
  options.data_log_dir = "/srv/zk/log";
  LineLog log;
  ASSERT_TRUE(DataDirs::open(disk, options, log));
  disk.cut();
  EXPECT_TRUE(disk.stat("/srv/zk/data/version-2")->has_value());
  EXPECT_TRUE(disk.stat("/srv/zk/log/version-2")->has_value());
}

TEST(data_dirs, are_not_created_if_autocreate_is_false) {
  sim::MemoryDisk disk;
  Options options = small_options();
  options.data_dir_autocreate = false;
  LineLog log;
  const auto dirs = DataDirs::open(disk, options, log);
  ASSERT_FALSE(dirs);
  EXPECT_NE(dirs.error().find("zookeeper.datadir.autocreate"), std::string::npos);
}

TEST(data_dirs, of_another_server_are_refused) {
  sim::MemoryDisk disk;
  LineLog log;
  std::optional<std::expected<DataDirs, std::string>> first = DataDirs::open(disk, small_options(), log);
  ASSERT_TRUE(*first);
  const auto second = DataDirs::open(disk, small_options(), log);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("in use by another Quoll server"), std::string::npos);
  first.reset();
  EXPECT_TRUE(DataDirs::open(disk, small_options(), log));
}

TEST(data_dirs, are_refused_if_swapped) {
  Options options = small_options();
  options.data_log_dir = "/log";
  LineLog log;
  for (const std::string path : {"/log/version-2/snapshot.1", "/data/version-2/log.1"}) {
    sim::MemoryDisk disk;
    disk.put(path, "");
    const auto dirs = DataDirs::open(disk, options, log);
    ASSERT_FALSE(dirs);
    EXPECT_NE(dirs.error().find(path.substr(path.rfind('/') + 1)), std::string::npos);
  }
}

TEST(data_dirs, are_cleaned_of_incomplete_files) {
  sim::MemoryDisk disk;
  disk.put(kVersionDir + "/quoll-tmp.snapshot.5", "half");
  disk.put(kVersionDir + "/snapshot.tmp", "not ours");
  LineLog log;
  ASSERT_TRUE(DataDirs::open(disk, small_options(), log));
  EXPECT_FALSE(disk.stat(kVersionDir + "/quoll-tmp.snapshot.5")->has_value());
  EXPECT_TRUE(disk.stat(kVersionDir + "/snapshot.tmp")->has_value());
  EXPECT_EQ(log.lines.size(), 1u);
}

TEST(file_names, are_hexadecimal_longs) {
  EXPECT_EQ(log_zxid("log.1f"), Zxid{0x1f});
  EXPECT_EQ(log_zxid("log.10000000A"), Zxid{0x10000000a});
  EXPECT_EQ(snapshot_zxid("snapshot.7fffffffffffffff.gz"), Zxid{INT64_MAX});
  EXPECT_EQ(snapshot_zxid("snapshot.0.snappy"), Zxid{0});
  for (const char* const name : {"log.", "log.zz", "log.1.bak", "log.0x1", "log.8000000000000000", "snapshot.1"})
    EXPECT_FALSE(log_zxid(name)) << name;
  for (const char* const name : {"snapshot.", "snapshot.1.bz2", "snapshot.tmp", "quoll-tmp.snapshot.1"})
    EXPECT_FALSE(snapshot_zxid(name)) << name;
}

TEST(epoch_files, have_the_documented_bytes) {
  sim::MemoryDisk disk;
  disk.put(kVersionDir + "/readme", "");
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{17}));
  EXPECT_EQ(disk.content(kVersionDir + "/acceptedEpoch"), hex_block("epoch-files.md", 0));
  EXPECT_EQ(read_epoch(disk, kVersionDir, EpochFile::accepted).value(), Epoch{17});
  EXPECT_EQ(read_epoch(disk, kVersionDir, EpochFile::current).value(), std::nullopt);
}

TEST(epoch_files, contain_the_old_or_the_new_number_after_any_power_cut) {
  for (std::int64_t calls = 0;; ++calls) {
    bool done = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      sim::MemoryDisk disk;
      disk.put(kVersionDir + "/readme", "");
      ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::current, Epoch{1}));
      disk.power_off_after(calls);
      done = write_epoch(disk, kVersionDir, EpochFile::current, Epoch{2}).has_value();
      base::Prng chance(seed);
      disk.cut(chance);
      const auto found = read_epoch(disk, kVersionDir, EpochFile::current);
      ASSERT_TRUE(found) << found.error();
      ASSERT_TRUE(*found == Epoch{2} || (*found == Epoch{1} && !done));
    }
    if (done) break;
  }
}

TEST(epoch_files, tolerate_blanks_and_refuse_everything_else) {
  sim::MemoryDisk disk;
  const auto read = [&](std::string_view text) {
    disk.put(kVersionDir + "/currentEpoch", text);
    return read_epoch(disk, kVersionDir, EpochFile::current);
  };
  for (const std::string_view text : {"7", "7\n", "7\r\n", " 7 ", "7\nmore"})
    EXPECT_EQ(read(text).value(), Epoch{7}) << text;
  EXPECT_EQ(read("-1").value(), Epoch{-1});
  for (const std::string_view text : {"", " ", "\n7", "x", "7x", "-2", "2147483648", "9223372036854775808",
                                      ("\xef\xbb\xbf"
                                       "7"),
                                      "0x7"}) {
    EXPECT_FALSE(read(text)) << text;
  }
  EXPECT_FALSE(read(std::string(100000, '1')));
}

TEST(small_files, are_refused_above_4096_bytes) {
  sim::MemoryDisk disk;
  for (const std::size_t bytes : {4096, 4097, 5'000'000}) {
    const std::string text = "7\n" + std::string(bytes - 2, '#');
    disk.put(kVersionDir + "/currentEpoch", text);
    const auto epoch = read_epoch(disk, kVersionDir, EpochFile::current);
    EXPECT_EQ(epoch.has_value(), bytes <= 4096) << bytes;
    if (bytes <= 4096) continue;
    EXPECT_TRUE(epoch.error().contains("currentEpoch is longer than 4096 bytes")) << epoch.error();
  }
}

TEST(epoch_files, are_repaired_at_a_start_as_far_as_that_is_safe) {
  sim::MemoryDisk disk;
  disk.put(kVersionDir + "/readme", "");
  std::vector<std::string> reports;
  const auto made = load_epochs(disk, kVersionDir, Zxid{0x300000005}, reports);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->current, Epoch{3});
  EXPECT_EQ(made->accepted, Epoch{3});
  EXPECT_EQ(reports.size(), 2u);

  disk.put(kVersionDir + "/currentEpoch", "2");
  EXPECT_FALSE(load_epochs(disk, kVersionDir, Zxid{0x300000005}, reports));
  disk.put(kVersionDir + "/currentEpoch.tmp", "3");
  EXPECT_EQ(load_epochs(disk, kVersionDir, Zxid{0x300000005}, reports)->current, Epoch{3});
  EXPECT_EQ(disk.content(kVersionDir + "/currentEpoch"), "3");

  disk.put(kVersionDir + "/acceptedEpoch", "2");
  const auto reversed = load_epochs(disk, kVersionDir, Zxid{0x300000005}, reports);
  ASSERT_FALSE(reversed);
  EXPECT_NE(reversed.error().find("acceptedEpoch"), std::string::npos);
}

TEST(epoch_files, the_history_may_be_newer_up_to_accepted_epoch_while_a_leader_brings_it_up_to_date) {
  sim::MemoryDisk disk;
  std::vector<std::string> reports;
  disk.put(kVersionDir + "/currentEpoch", "3");
  disk.put(kVersionDir + "/acceptedEpoch", "6");
  const Zxid last{0x500000007};
  ASSERT_FALSE(load_epochs(disk, kVersionDir, last, reports)) << "a file is from another time";
  EXPECT_EQ(*read_history_note(disk, kVersionDir), std::nullopt) << "a refused start changes nothing";
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{6}));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.history"), "up to epoch 6\n");
  const auto epochs = load_epochs(disk, kVersionDir, last, reports);
  ASSERT_TRUE(epochs) << epochs.error();
  EXPECT_EQ(epochs->current, Epoch{3}) << "it has not followed the leader of a later one";
  EXPECT_EQ(disk.content(kVersionDir + "/currentEpoch"), "3");
  EXPECT_EQ(reports.size(), 1u);
  EXPECT_FALSE(load_epochs(disk, kVersionDir, Zxid{0x700000001}, reports)) << "later than any that was promised";
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{7}));
  EXPECT_TRUE(load_epochs(disk, kVersionDir, Zxid{0x700000001}, reports));
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::current, Epoch{7}));
  EXPECT_EQ(load_epochs(disk, kVersionDir, last, reports)->current, Epoch{7});
  EXPECT_EQ(*read_history_note(disk, kVersionDir), std::nullopt);
  // From now on an older currentEpoch is of another time again.
  disk.put(kVersionDir + "/currentEpoch", "3");
  EXPECT_FALSE(load_epochs(disk, kVersionDir, last, reports));
}

TEST(epoch_files, the_note_is_there_before_the_accepted_epoch_after_any_power_cut) {
  for (std::int64_t calls = 0;; ++calls) {
    bool done = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      sim::MemoryDisk disk;
      disk.put(kVersionDir + "/currentEpoch", "1");
      disk.put(kVersionDir + "/acceptedEpoch", "1");
      disk.power_off_after(calls);
      done = write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{2}).has_value();
      base::Prng chance(seed);
      disk.cut(chance);
      const auto accepted = read_epoch(disk, kVersionDir, EpochFile::accepted);
      const auto note = read_history_note(disk, kVersionDir);
      ASSERT_TRUE(accepted && note);
      ASSERT_TRUE(*accepted == Epoch{1} || *note == HistoryNote{Epoch{2}});
    }
    if (done) break;
  }
}

TEST(epoch_files, of_a_server_that_wrote_no_note_get_one_at_the_start) {
  sim::MemoryDisk disk;
  std::vector<std::string> reports;
  disk.put(kVersionDir + "/currentEpoch", "3");
  disk.put(kVersionDir + "/acceptedEpoch", "6");
  ASSERT_TRUE(load_epochs(disk, kVersionDir, Zxid{0x300000007}, reports));
  EXPECT_EQ(*read_history_note(disk, kVersionDir), HistoryNote{Epoch{6}});
  EXPECT_TRUE(load_epochs(disk, kVersionDir, Zxid{0x500000007}, reports));
}

TEST(epoch_files, an_incomplete_history_stays_so_until_current_epoch_is_written) {
  sim::MemoryDisk disk;
  std::vector<std::string> reports;
  disk.put(kVersionDir + "/currentEpoch", "3");
  ASSERT_TRUE(write_history_note(disk, kVersionDir, HistoryNote{}));
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{6}));
  ASSERT_TRUE(load_epochs(disk, kVersionDir, Zxid{0x500000007}, reports));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.history"), "incomplete\n");
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::current, Epoch{6}));
  EXPECT_EQ(*read_history_note(disk, kVersionDir), std::nullopt);
}

TEST(epoch_files, a_note_that_says_nothing_is_refused) {
  sim::MemoryDisk disk;
  std::vector<std::string> reports;
  for (const char* const text : {"", "up to epoch", "up to epoch x", "up to epoch -5", "complete", "up to epoch 5 6"}) {
    disk.put(kVersionDir + "/quoll.history", text);
    const auto epochs = load_epochs(disk, kVersionDir, Zxid{5}, reports);
    ASSERT_FALSE(epochs) << text;
    EXPECT_NE(epochs.error().find("quoll.history"), std::string::npos);
  }
}

class PurgeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(start(disk, small_options()).recovered);
    for (std::int64_t zxid = 0; zxid <= 50; zxid += 10) {
      ASSERT_EQ(write_snapshot(disk, small_options(), Zxid{zxid}), "");
      std::string bytes = log_header();
      for (std::int64_t i = zxid + 1; i <= zxid + 10; ++i) append_entry(create_txn(i), bytes);
      disk.put(kVersionDir + "/" + log_name(Zxid{zxid + 1}), bytes);
    }
  }
  std::vector<std::string> purge(int retain) {
    LineLog log;
    const auto dirs = DataDirs::open(disk, small_options(), log);
    auto doomed = files_to_purge(*dirs, retain);
    EXPECT_TRUE(doomed);
    for (std::string& path : *doomed) {
      EXPECT_TRUE(disk.remove(path));
      path = path.substr(path.rfind('/') + 1);
    }
    return *doomed;
  }
  sim::MemoryDisk disk;
};

TEST_F(PurgeTest, keeps_the_newest_snapshots_and_all_logs_needed_for_the_oldest_of_them) {
  // snapshot.1e is the oldest one kept; log.15 starts before it.
  EXPECT_EQ(purge(3), (std::vector<std::string>{"snapshot.14", "snapshot.a", "snapshot.0", "log.1", "log.b"}));
  EXPECT_TRUE(purge(3).empty());
  EXPECT_EQ(start(disk, small_options()).recovered->last, Zxid{60});
}

TEST_F(PurgeTest, never_keeps_less_than_three) {
  EXPECT_EQ(purge(0).size(), 5u);
}

TEST_F(PurgeTest, does_not_count_broken_snapshots) {
  disk.put(kVersionDir + "/snapshot.32", "");
  disk.put(kVersionDir + "/snapshot.28", "cut");
  EXPECT_EQ(purge(3), (std::vector<std::string>{
                          "snapshot.0",
                      }));
  EXPECT_EQ(start(disk, small_options()).recovered->last, Zxid{60});
}

TEST_F(PurgeTest, removes_nothing_if_too_few_snapshots_are_complete) {
  for (const char* const name : {"snapshot.32", "snapshot.28", "snapshot.1e", "snapshot.a"})
    disk.put(kVersionDir + "/" + name, "cut");
  EXPECT_TRUE(purge(3).empty());
}

TEST_F(PurgeTest, reads_compressed_snapshots_to_their_end) {
  Options options = small_options();
  options.compression = Options::gz;
  ASSERT_EQ(write_snapshot(disk, options, Zxid{60}), "");
  const std::string path = kVersionDir + "/snapshot.3c.gz";
  disk.put(path, disk.content(path).substr(0, 100));
  EXPECT_EQ(purge(3).size(), 5u) << "a damaged snapshot counts as missing";
}

}  // namespace
}  // namespace quoll::store
