#include "store/truncate.h"

#include <cerrno>

#include "base/prng.h"
#include "store/durable_mark.h"
#include "store/epoch_files.h"
#include "store/file_names.h"
#include "store/history_note.h"
#include "store/log_format.h"
#include "store/purge.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

constexpr std::int64_t kLast = 9;

// log.1, log.4 and log.7 with three transactions each, and snapshots 0, 3, 6 and 8.
void write_history(sim::MemoryDisk& disk, const Options& options, const std::string& log_dir = kVersionDir) {
  disk.put(kVersionDir + "/readme", "");
  disk.put(log_dir + "/readme", "");
  LogWriter writer(disk, log_dir, options);
  QueueWorker worker;
  for (std::int64_t zxid = 0; zxid <= kLast; ++zxid) {
    if (zxid % 3 == 1) writer.roll();
    if (zxid > 0) {
      writer.append(Zxid{zxid}, create_txn(zxid));
      ASSERT_EQ(flush(writer, worker), "");
    }
    if (zxid % 3 == 0 && zxid < kLast) {
      ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), "");
    }
  }
  ASSERT_EQ(write_snapshot(disk, options, Zxid{8}), "");
}

std::expected<Truncation, std::string> truncate(env::Disk& disk, const Options& options, Zxid to) {
  LineLog log;
  const auto dirs = DataDirs::open(disk, options, log);
  if (!dirs) return std::unexpected(dirs.error());
  return truncate_history(*dirs, to, kWallMs);
}

std::vector<std::string> names_in(sim::MemoryDisk& disk, const std::string& directory = kVersionDir) {
  std::vector<std::string> found;
  const auto entries = disk.list(directory);
  for (const auto& entry : *entries) {
    if (entry.name != "readme" && entry.name != kLockName) found.push_back(entry.name);
  }
  return found;
}

class TruncateTest : public ::testing::Test {
 protected:
  TruncateTest() { write_history(disk, options); }
  void expect_history(Zxid last, Zxid snapshot) {
    const Outcome outcome = start(disk, options);
    ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
    EXPECT_EQ(outcome.recovered->last, last);
    EXPECT_EQ(outcome.recovered->snapshot, snapshot);
    std::vector<std::int64_t> replayed;
    for (std::int64_t zxid = snapshot.value() + 1; zxid <= last.value(); ++zxid) replayed.push_back(zxid);
    EXPECT_EQ(outcome.target.zxids, replayed);
  }
  sim::MemoryDisk disk;
  Options options = small_options();
};

TEST_F(TruncateTest, cuts_the_log_and_removes_what_is_newer) {
  const auto done = truncate(disk, options, Zxid{5});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->last, Zxid{5});
  EXPECT_FALSE(done->is_given_up);
  EXPECT_EQ(names_in(disk), (std::vector<std::string>{"log-4.cut-20231114T221320Z", "log-7.cut-20231114T221320Z",
                                                      "log.1", "log.4", "quoll.durable", "snapshot.0", "snapshot.3"}));
  EXPECT_EQ(read_durable_mark(disk, kVersionDir)->mark,
            (DurableMark{Zxid{4}, static_cast<std::int64_t>(disk.content(kVersionDir + "/log.4").size()), Zxid{5}}));
  disk.cut();
  expect_history(Zxid{5}, Zxid{3});
}

TEST_F(TruncateTest, keeps_what_it_cuts_off) {
  const std::string log = disk.content(kVersionDir + "/log.4");
  const std::string end = log.substr(0, log.find_last_not_of('\0') + 1);
  const auto done = truncate(disk, options, Zxid{5});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(disk.content(kVersionDir + "/log.4") + disk.content(kVersionDir + "/log-4.cut-20231114T221320Z"), end);
  ASSERT_EQ(done->reports.size(), 4u);
  EXPECT_NE(done->reports[0].find("They are kept in /data/version-2/log-4.cut-20231114T221320Z"), std::string::npos)
      << done->reports[0];
}

TEST_F(TruncateTest, at_every_transaction_leaves_exactly_what_is_before_it) {
  for (std::int64_t to = 0; to <= kLast + 1; ++to) {
    SCOPED_TRACE(to);
    disk = sim::MemoryDisk();
    write_history(disk, options);
    const auto done = truncate(disk, options, Zxid{to});
    ASSERT_TRUE(done) << done.error();
    const std::int64_t last = std::min(to, kLast);
    EXPECT_EQ(done->last, Zxid{last});
    expect_history(Zxid{last}, Zxid{to >= 8 ? 8 : to - to % 3});
  }
}

TEST_F(TruncateTest, the_log_goes_on_after_it) {
  ASSERT_TRUE(truncate(disk, options, Zxid{5}));
  {
    LogWriter writer(disk, kVersionDir, options, Zxid{5});
    QueueWorker worker;
    for (std::int64_t zxid : {0x100000001, 0x100000002}) {
      writer.append(Zxid{zxid}, create_txn(zxid));
      ASSERT_EQ(flush(writer, worker), "");
    }
  }
  disk.cut();
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{4, 5, 0x100000001, 0x100000002}));
}

TEST_F(TruncateTest, a_second_truncation_finds_nothing_to_do) {
  ASSERT_TRUE(truncate(disk, options, Zxid{5}));
  const auto before = names_in(disk);
  ASSERT_EQ(truncate(disk, options, Zxid{5})->last, Zxid{5});
  EXPECT_EQ(names_in(disk), before);
  expect_history(Zxid{5}, Zxid{3});
}

TEST_F(TruncateTest, to_a_transaction_of_another_history_leaves_the_last_one_before_it) {
  {
    LogWriter writer(disk, kVersionDir, options, Zxid{kLast});
    QueueWorker worker;
    writer.append(Zxid{0x100000001}, create_txn(0x100000001));
    ASSERT_EQ(flush(writer, worker), "");
  }
  const auto done = truncate(disk, options, Zxid{77});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->last, Zxid{kLast});
  expect_history(Zxid{kLast}, Zxid{8});
}

// A fuzzy snapshot would bring back what was cut off.
TEST_F(TruncateTest, a_snapshot_that_ends_after_it_is_removed_too) {
  QueueWorker worker;
  {
    SnapshotWriter writer(disk, worker, kVersionDir, options, Zxid{4});
    writer.sessions({});
    writer.acl_count(0);
    writer.node("", "", -1, StatPersisted{});
    writer.finish(std::nullopt, Zxid{6}, [](auto) {});
    worker.run_all();
  }
  ASSERT_EQ(truncate(disk, options, Zxid{5})->last, Zxid{5});
  EXPECT_FALSE(disk.stat(kVersionDir + "/snapshot.4")->has_value());
  expect_history(Zxid{5}, Zxid{3});
}

TEST_F(TruncateTest, a_damaged_snapshot_is_no_base) {
  std::string bytes = disk.content(kVersionDir + "/snapshot.3");
  bytes[100] ^= 1;
  disk.put(kVersionDir + "/snapshot.3", bytes);
  ASSERT_EQ(truncate(disk, options, Zxid{5})->last, Zxid{5});
  expect_history(Zxid{5}, Zxid{0});
}

TEST_F(TruncateTest, below_the_oldest_snapshot_gives_the_history_up) {
  ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.0"));
  ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.3"));
  const auto done = truncate(disk, options, Zxid{5});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->last, Zxid{0});
  EXPECT_TRUE(done->is_given_up);
  EXPECT_EQ(names_in(disk),
            (std::vector<std::string>{"log-1.cut-20231114T221320Z", "log-4.cut-20231114T221320Z",
                                      "log-7.cut-20231114T221320Z", "quoll.durable", "quoll.history",
                                      "snapshot-6.cut-20231114T221320Z", "snapshot-8.cut-20231114T221320Z"}));
  Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{0});
  EXPECT_TRUE(outcome.recovered->is_suspect) << "it must not be elected: it once had acknowledged transactions";
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::accepted, Epoch{1}));
  EXPECT_TRUE(start(disk, options).recovered->is_suspect);
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::current, Epoch{1}));
  EXPECT_FALSE(start(disk, options).recovered->is_suspect) << "a leader has given it a whole history";
}

TEST_F(TruncateTest, a_damaged_log_is_refused_and_not_changed) {
  std::string bytes = disk.content(kVersionDir + "/log.4");
  bytes[70] ^= 1;
  disk.put(kVersionDir + "/log.4", bytes);
  const auto before = names_in(disk);
  const auto done = truncate(disk, options, Zxid{5});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().find("log.4 is damaged"), std::string::npos) << done.error();
  EXPECT_EQ(names_in(disk), before);
  EXPECT_EQ(disk.content(kVersionDir + "/log.4"), bytes);
}

TEST_F(TruncateTest, a_full_disk_keeps_no_copy_but_cuts) {
  options.data_log_dir = "/log";
  disk = sim::MemoryDisk();
  write_history(disk, options, "/log/version-2");
  disk.inject({sim::MemoryDisk::Call::write, "log-4.cut", ENOSPC});
  const auto done = truncate(disk, options, Zxid{5});
  ASSERT_TRUE(done) << done.error();
  EXPECT_NE(done->reports[0].find("no space"), std::string::npos) << done->reports[0];
  expect_history(Zxid{5}, Zxid{3});
}

TEST_F(TruncateTest, what_was_cut_off_is_purged_when_it_is_old) {
  ASSERT_TRUE(truncate(disk, options, Zxid{5}));
  const auto doomed = [&] {
    LineLog log;
    const auto dirs = DataDirs::open(disk, options, log);
    return *files_to_purge(*dirs, 3);
  };
  EXPECT_TRUE(doomed().empty());
  for (std::int64_t zxid : {5, 20, 21, 22, 23}) {
    std::string bytes = log_header();
    append_entry(create_txn(zxid + 1), bytes);
    disk.put(kVersionDir + "/" + log_name(Zxid{zxid + 1}), bytes);
    ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), "");
  }
  const auto paths = doomed();
  for (const char* const name : {"log-4.cut-20231114T221320Z", "log-7.cut-20231114T221320Z"})
    EXPECT_NE(std::ranges::find(paths, kVersionDir + "/" + name), paths.end()) << name;
}

// After any number of disk operations, and again while recovery ends what was interrupted.
void cut_power_everywhere(Zxid to, const Options& options, const std::string& log_dir, bool has_old_snapshots) {
  const std::string intent = log_dir + "/quoll.intent";
  for (std::int64_t calls = 0;; ++calls) {
    bool is_done = false;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      SCOPED_TRACE(fmt::format("to {}, {} calls, seed {}", to.value(), calls, seed));
      sim::MemoryDisk disk;
      write_history(disk, options, log_dir);
      if (!has_old_snapshots) {
        ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.0"));
        ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.3"));
        ASSERT_TRUE(disk.sync_directory(kVersionDir));
      }
      base::Prng chance(seed * 1000 + static_cast<std::uint64_t>(calls));
      disk.power_off_after(calls);
      is_done = truncate(disk, options, to).has_value();
      disk.cut(chance);
      const bool is_certain = is_done || disk.stat(intent)->has_value();
      for (int cuts = 0; cuts < 3; ++cuts) {
        disk.power_off_after(static_cast<std::int64_t>(chance.below(12)));
        static_cast<void>(start(disk, options));
        disk.cut(chance);
      }
      const Outcome outcome = start(disk, options);
      ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
      const Zxid last = outcome.recovered->last;
      const Zxid wanted = has_old_snapshots ? to : Zxid{0};
      ASSERT_TRUE(last == wanted || (!is_certain && last == Zxid{kLast})) << last.value();
      EXPECT_EQ(outcome.recovered->is_suspect, last == Zxid{0});
      std::vector<std::int64_t> replayed;
      const std::int64_t base = outcome.recovered->snapshot.value_or(Zxid{0}).value();
      for (std::int64_t zxid = base + 1; zxid <= last.value(); ++zxid) replayed.push_back(zxid);
      EXPECT_EQ(outcome.target.zxids, replayed);
      EXPECT_EQ(outcome.target.nodes.empty(), last == Zxid{0});
      EXPECT_FALSE(disk.stat(intent)->has_value());
    }
    if (is_done) break;
  }
}

TEST(TruncatePower, a_cut_at_any_call_leaves_the_old_history_or_the_new_one) {
  cut_power_everywhere(Zxid{5}, small_options(), kVersionDir, true);
}

TEST(TruncatePower, also_if_whole_files_go_and_the_directories_are_two) {
  Options options = small_options();
  options.data_log_dir = "/log";
  cut_power_everywhere(Zxid{3}, options, "/log/version-2", true);
}

TEST(TruncatePower, also_if_the_history_is_given_up) {
  cut_power_everywhere(Zxid{5}, small_options(), kVersionDir, false);
}

TEST(Intent, a_damaged_one_is_refused_and_nothing_is_changed) {
  sim::MemoryDisk disk;
  const Options options = small_options();
  write_history(disk, options);
  const std::string path = kVersionDir + "/quoll.intent";
  {
    LineLog log;
    const auto dirs = DataDirs::open(disk, options, log);
    ASSERT_TRUE(write_intent(*dirs, TruncateIntent{Zxid{5}, Zxid{3}, Zxid{4}, 100}));
  }
  const std::string good = disk.content(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 1;
    disk.put(path, bad);
    const auto before = names_in(disk);
    const Outcome outcome = start(disk, options);
    ASSERT_FALSE(outcome.recovered);
    EXPECT_NE(outcome.recovered.error().find("quoll.intent is damaged"), std::string::npos);
    EXPECT_EQ(names_in(disk), before);
    disk.put(path, good.substr(0, at));
    ASSERT_FALSE(start(disk, options).recovered);
  }
}

TEST(Intent, has_the_bytes_in_the_documentation) {
  sim::MemoryDisk disk;
  LineLog log;
  const auto dirs = DataDirs::open(disk, small_options(), log);
  ASSERT_TRUE(write_intent(*dirs, TruncateIntent{Zxid{5}, Zxid{3}, Zxid{4}, 100}));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.intent"), hex_block("log.md", 2));
  ASSERT_TRUE(write_intent(
      *dirs, InstallIntent{Zxid{0x500000003}, "quoll-tmp.received.snapshot.500000003", "snapshot.500000003"}));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.intent"), hex_block("log.md", 3));
}

TEST(Intent, is_read_as_it_was_written) {
  sim::MemoryDisk disk;
  LineLog log;
  const auto dirs = DataDirs::open(disk, small_options(), log);
  for (const Intent& intent : std::initializer_list<Intent>{
           TruncateIntent{Zxid{5}, Zxid{3}, Zxid{4}, 100}, TruncateIntent{}, TruncateIntent{Zxid{3}, Zxid{3}, {}, 0},
           InstallIntent{Zxid{7}, "quoll-tmp.received", "snapshot.7"},
           InstallIntent{Zxid{7}, "quoll-tmp.received", "snapshot.7", Loss::none}}) {
    ASSERT_TRUE(write_intent(*dirs, intent));
    EXPECT_EQ(*read_intent(*dirs), intent);
  }
  ASSERT_TRUE(remove_intent(*dirs));
  EXPECT_EQ(*read_intent(*dirs), std::nullopt);
}

}  // namespace
}  // namespace quoll::store
