#include "store/log_repair.h"

#include <cerrno>

#include "base/prng.h"
#include "store/file_names.h"
#include "store/log_format.h"
#include "store/purge.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

const std::string kLog = kVersionDir + "/log.1";
const std::string kCut = kVersionDir + "/log-1.cut-20231114T221320Z";
const std::string kMark = kVersionDir + "/quoll.durable";

class LogRepairTest : public ::testing::Test {
 protected:
  LogRepairTest() {
    disk.put(kVersionDir + "/readme", "");
    EXPECT_EQ(write_snapshot(disk, options, Zxid{0}), "");
    LogWriter writer(disk, kVersionDir, options);
    QueueWorker worker;
    for (std::int64_t zxid = 1; zxid <= 3; ++zxid) {
      writer.append(Zxid{zxid}, create_txn(zxid));
      EXPECT_EQ(flush(writer, worker), "");
    }
    const std::string bytes = disk.content(kLog);
    good = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
    append_entry(create_txn(4), tail);
    tail.resize(tail.size() - 7);
  }
  void tear() { disk.put(kLog, good + tail + std::string(3000, '\0')); }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    const auto entries = disk.list(kVersionDir);
    for (const auto& entry : *entries) found.push_back(entry.name);
    return found;
  }

  sim::MemoryDisk disk;
  Options options = small_options();
  std::string good;
  std::string tail;
};

TEST_F(LogRepairTest, removed_bytes_are_kept_beside_the_log_and_reported) {
  tear();
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(disk.content(kLog), good);
  EXPECT_EQ(disk.content(kCut), tail);
  ASSERT_EQ(outcome.recovered->reports.size(), 1u);
  const std::string& line = outcome.recovered->reports[0];
  for (const std::string& part :
       {kLog, kCut, fmt::format("offset {}", good.size()), fmt::format("{} bytes", tail.size())})
    EXPECT_NE(line.find(part), std::string::npos) << part << " in: " << line;
  // Appending the copy restores the original log.
  disk.put(kLog, disk.content(kLog) + disk.content(kCut));
  EXPECT_EQ(disk.content(kLog), good + tail);
}

TEST_F(LogRepairTest, a_second_cut_in_the_same_second_gets_another_name) {
  for (const char* const suffix : {"", "-1", "-2"}) {
    tear();
    ASSERT_TRUE(start(disk, options).recovered);
    EXPECT_EQ(disk.content(kCut + suffix), tail) << suffix;
  }
}

TEST_F(LogRepairTest, a_new_log_with_bytes_but_no_entry_is_renamed) {
  const std::string content = log_header() + tail;
  disk.put(kVersionDir + "/log.4", content);
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{3});
  EXPECT_FALSE(disk.stat(kVersionDir + "/log.4")->has_value());
  EXPECT_EQ(disk.content(kVersionDir + "/log-4.cut-20231114T221320Z"), content);
}

TEST_F(LogRepairTest, with_a_damaged_mark_nothing_is_cut) {
  tear();
  const std::string torn = disk.content(kLog);
  const std::string mark = disk.content(kMark);
  disk.put(kMark, std::string(mark.size(), 'x'));
  const Outcome refused = start(disk, options);
  ASSERT_FALSE(refused.recovered);
  EXPECT_NE(refused.recovered.error().find("quoll.durable cannot be read"), std::string::npos);
  EXPECT_EQ(disk.content(kLog), torn);
  disk.put(kMark, mark);
  disk.inject({sim::MemoryDisk::Call::read, "quoll.durable", EIO});
  ASSERT_FALSE(start(disk, options).recovered);
  EXPECT_EQ(disk.content(kLog), torn);
  EXPECT_TRUE(start(disk, options).recovered) << "the mark can be read again";
}

TEST_F(LogRepairTest, a_damaged_mark_is_reported_and_replaced_if_nothing_must_be_cut) {
  disk.put(kMark, "");
  const Outcome first = start(disk, options);
  ASSERT_TRUE(first.recovered) << first.recovered.error();
  ASSERT_EQ(first.recovered->reports.size(), 1u);
  EXPECT_NE(first.recovered->reports[0].find("neither of its two records is complete"), std::string::npos);
  const Outcome second = start(disk, options);
  EXPECT_TRUE(second.recovered->reports.empty());
  EXPECT_EQ(read_durable_mark(disk, kVersionDir)->mark,
            (DurableMark{Zxid{1}, static_cast<std::int64_t>(good.size()), Zxid{3}}));
}

// Otherwise the older history would be served as if the newer one had never existed.
TEST_F(LogRepairTest, the_first_mark_of_a_process_contains_the_recovered_zxid) {
  ASSERT_EQ(write_snapshot(disk, options, Zxid{9}), "");
  ASSERT_TRUE(disk.remove(kLog));
  ASSERT_TRUE(disk.remove(kMark));
  ASSERT_TRUE(disk.sync_directory(kVersionDir));
  ASSERT_EQ(start(disk, options).recovered->last, Zxid{9});
  LogWriter writer(disk, kVersionDir, options, Zxid{9});
  QueueWorker worker;
  writer.append(Zxid{10}, create_txn(10));
  disk.inject({sim::MemoryDisk::Call::sync, "log.a", EIO});
  ASSERT_NE(flush(writer, worker), "");
  disk.cut();
  ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.9"));
  const Outcome outcome = start(disk, options);
  ASSERT_FALSE(outcome.recovered) << outcome.recovered->last.value();
  EXPECT_NE(outcome.recovered.error().find("up to 0x9 on stable storage"), std::string::npos);
}

TEST_F(LogRepairTest, a_power_cut_at_any_call_leaves_the_log_unchanged_or_repaired_with_a_copy) {
  for (int calls = 0;; ++calls) {
    SCOPED_TRACE(calls);
    for (const std::string& name : names()) {
      if (!name.starts_with("log-")) continue;
      ASSERT_TRUE(disk.remove(kVersionDir + "/" + name));
    }
    ASSERT_TRUE(disk.sync_directory(kVersionDir));
    tear();
    disk.power_off_after(calls);
    const bool is_done = start(disk, options).recovered.has_value();
    base::Prng chance(static_cast<std::uint64_t>(calls));
    disk.cut(chance);
    const std::string left = disk.content(kLog);
    const bool is_whole = left.starts_with(good + tail);
    EXPECT_TRUE(is_whole || (left.starts_with(good) && disk.content(kCut) == tail));
    const Outcome again = start(disk, options);
    ASSERT_TRUE(again.recovered) << again.recovered.error();
    EXPECT_EQ(again.recovered->last, Zxid{3});
    if (is_done) break;
  }
}

TEST_F(LogRepairTest, a_full_disk_does_not_prevent_a_start) {
  tear();
  disk.set_capacity(disk.used());
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  ASSERT_EQ(outcome.recovered->reports.size(), 1u);
  EXPECT_NE(outcome.recovered->reports[0].find("no space to keep"), std::string::npos);
  EXPECT_EQ(disk.content(kLog), good);
}

TEST_F(LogRepairTest, removed_bytes_are_purged_with_their_log) {
  tear();
  ASSERT_TRUE(start(disk, options).recovered);
  const auto purge = [&] {
    LineLog log;
    const auto dirs = DataDirs::open(disk, options, log);
    const auto doomed = files_to_purge(*dirs, 3);
    for (const std::string& path : *doomed) ASSERT_TRUE(disk.remove(path));
  };
  for (std::int64_t zxid : {1, 2, 3}) ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), "");
  purge();
  EXPECT_TRUE(disk.stat(kCut)->has_value()) << "log.1 is needed after snapshot.1";
  for (std::int64_t zxid = 4; zxid <= 7; ++zxid) {
    std::string bytes = log_header();
    append_entry(create_txn(zxid), bytes);
    disk.put(kVersionDir + "/" + log_name(Zxid{zxid}), bytes);
    ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), "");
  }
  purge();
  EXPECT_FALSE(disk.stat(kLog)->has_value());
  EXPECT_FALSE(disk.stat(kCut)->has_value());
}

TEST(CutName, is_not_a_log_name_for_apaches_server) {
  const std::string name = cut_name("log.1f", kWallMs, 0);
  EXPECT_EQ(name, "log-1f.cut-20231114T221320Z");
  EXPECT_EQ(cut_log_zxid(name), Zxid{0x1f});
  EXPECT_EQ(cut_log_zxid(cut_name("log.1f", kWallMs, 7)), Zxid{0x1f});
  // org.apache.zookeeper.server.persistence.Util splits names at dots: "log", then a hexadecimal number.
  EXPECT_NE(name.substr(0, name.find('.')), "log");
  EXPECT_FALSE(log_zxid(name));
  for (const char* const other : {"log.1", "log-.cut-x", "log-zz.cut-1", "snapshot.1", "log-1", "quoll.durable"})
    EXPECT_FALSE(cut_log_zxid(other)) << other;
}

TEST(CutName, of_a_snapshot_keeps_what_says_how_it_is_compressed) {
  const std::string name = cut_name("snapshot.1f.gz", kWallMs, 0);
  EXPECT_EQ(name, "snapshot-1f.gz.cut-20231114T221320Z");
  EXPECT_EQ(cut_snapshot_zxid(name), Zxid{0x1f});
  EXPECT_FALSE(snapshot_zxid(name));
  EXPECT_FALSE(cut_log_zxid(name));
}

}  // namespace
}  // namespace quoll::store
