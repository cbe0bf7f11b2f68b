#include "store/log_cursor.h"

#include <cerrno>

#include "store/file_names.h"
#include "store/log_format.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

const std::string kMarkPath = kVersionDir + "/quoll.durable";

std::string log_path(std::int64_t zxid) {
  return kVersionDir + "/" + log_name(Zxid{zxid});
}

// A log as Apache's server writes it, without durable marks.
std::string log_bytes(std::vector<std::string> txns, std::size_t padding = 200) {
  std::string out = log_header();
  for (const std::string& txn : txns) append_entry(txn, out);
  return out + std::string(padding, '\0');
}
std::string log_of(std::int64_t first, std::int64_t last, std::size_t padding = 200) {
  std::vector<std::string> txns;
  for (std::int64_t zxid = first; zxid <= last; ++zxid) txns.push_back(create_txn(zxid));
  return log_bytes(txns, padding);
}
std::size_t entry_bytes(std::int64_t zxid) {
  return kEntryHeadBytes + create_txn(zxid).size() + 1;
}

class LogCursorTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(write_snapshot_into_new(), ""); }
  std::string write_snapshot_into_new() {
    disk.put(kVersionDir + "/readme", "");
    return write_snapshot(disk, options, Zxid{0});
  }
  // Writes a log as our server does: `count` transactions, each flushed.
  void write_ours(std::int64_t first, std::int64_t count) {
    LogWriter writer(disk, kVersionDir, options);
    QueueWorker worker;
    for (std::int64_t i = 0; i < count; ++i) {
      writer.append(Zxid{first + i}, create_txn(first + i));
      ASSERT_EQ(flush(writer, worker), "");
    }
  }
  void forget_mark() {
    if (disk.stat(kMarkPath)->has_value()) {
      ASSERT_TRUE(disk.remove(kMarkPath));
    }
    ASSERT_TRUE(disk.sync_directory(kVersionDir));
  }
  void flip(const std::string& path, std::size_t at) {
    std::string bytes = disk.content(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    disk.put(path, bytes);
  }
  void expect_history(std::int64_t last) {
    const Outcome outcome = start(disk, options);
    ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
    EXPECT_EQ(outcome.recovered->last, Zxid{last});
    EXPECT_EQ(outcome.target.zxids.size(), static_cast<std::size_t>(outcome.recovered->transactions));
    reports = outcome.recovered->reports;
  }
  void expect_refused(std::string_view why) {
    const Outcome outcome = start(disk, options);
    ASSERT_FALSE(outcome.recovered) << "recovered up to " << outcome.recovered->last.value();
    EXPECT_NE(outcome.recovered.error().find(why), std::string::npos) << outcome.recovered.error();
  }

  sim::MemoryDisk disk;
  Options options = small_options();
  Reports reports;
};

TEST_F(LogCursorTest, entries_are_read_in_order_across_files) {
  disk.put(log_path(1), log_of(1, 3));
  disk.put(log_path(4), log_of(4, 4, 0));
  disk.put(log_path(5), log_of(5, 9));
  expect_history(9);
  EXPECT_TRUE(reports.empty());
}

TEST_F(LogCursorTest, apaches_tail_torn_at_any_byte_is_cut_off) {
  const std::string whole = log_of(1, 4, 0);
  const std::size_t last = whole.size() - entry_bytes(4);
  for (std::size_t end = last; end < whole.size(); ++end) {
    // Either the file ends there, or the rest of the entry is padding. If only zeros of the checksum remain, they count
    // as padding and nothing is cut.
    for (const std::size_t padding : {std::size_t{0}, std::size_t{300}}) {
      disk.put(log_path(1), whole.substr(0, end) + std::string(padding, '\0'));
      forget_mark();
      expect_history(3);
      EXPECT_EQ(reports.empty(), end == last || end <= last + 4) << end - last;
      expect_history(3);
      EXPECT_TRUE(reports.empty()) << "after the cut the log is clean";
    }
  }
}

TEST_F(LogCursorTest, our_tail_torn_at_any_byte_after_the_mark_is_cut_off_with_all_entries_after_it) {
  write_ours(1, 3);
  const std::string flushed = disk.content(log_path(1));
  const std::size_t end = flushed.find_last_not_of('\0') + 1;
  const std::string mark = disk.content(kMarkPath);
  std::string entries;
  append_entry(create_txn(4), entries);
  const std::size_t fourth = entries.size();
  append_entry(create_txn(5), entries);
  for (std::size_t hole = 0; hole < fourth; ++hole) {
    std::string torn = entries;
    std::fill(torn.begin(), torn.begin() + static_cast<std::ptrdiff_t>(hole) + 1, '\0');
    if (torn == entries) continue;  // already zeros
    disk.put(log_path(1), flushed.substr(0, end) + torn + std::string(100, '\0'));
    disk.put(kMarkPath, mark);
    expect_history(3);
    EXPECT_EQ(disk.content(log_path(1)).size(), end) << hole;
  }
}

TEST_F(LogCursorTest, a_flipped_bit_anywhere_before_the_mark_refuses_the_start) {
  write_ours(1, 4);
  const std::string good = disk.content(log_path(1));
  const std::size_t end = good.find_last_not_of('\0') + 1;
  for (std::size_t at = 0; at < end; ++at) {
    if (at >= 8 && at < 16) continue;  // the database id is ignored
    disk.put(log_path(1), good);
    flip(log_path(1), at);
    expect_refused(at < 8 ? "header" : "on stable storage");
    EXPECT_EQ(disk.content(log_path(1)).size(), good.size()) << "the file is not changed";
  }
}

TEST_F(LogCursorTest, entries_lost_before_the_mark_refuse_the_start) {
  write_ours(1, 4);
  const std::string good = disk.content(log_path(1));
  const std::size_t end = good.find_last_not_of('\0') + 1;
  disk.put(log_path(1), good.substr(0, end - entry_bytes(4)) + std::string(500, '\0'));
  expect_refused("a run of zeros");
  disk.put(log_path(1), good.substr(0, end - entry_bytes(4)));
  expect_refused("the file ends");
  disk.put(log_path(1), "");
  expect_refused("header");
  ASSERT_TRUE(disk.remove(log_path(1)));
  expect_refused("up to 0x4 on stable storage");
}

TEST_F(LogCursorTest, apaches_bad_record_with_good_ones_after_it_refuses_the_start) {
  const std::string good = log_of(1, 6);
  const std::size_t third = kLogHeaderBytes + entry_bytes(1) + entry_bytes(2);
  for (std::size_t at = third; at < third + entry_bytes(3); ++at) {
    disk.put(log_path(1), good);
    flip(log_path(1), at);
    expect_refused("log.1 is damaged at offset");
  }
}

TEST_F(LogCursorTest, a_run_of_zeros_between_good_records_refuses_the_start) {
  std::string bytes = log_of(1, 6);
  const std::size_t third = kLogHeaderBytes + entry_bytes(1) + entry_bytes(2);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(third), entry_bytes(3), '\0');
  disk.put(log_path(1), bytes);
  expect_refused("with good entries after it. The last good transaction is 0x2");
}

// Apache's server does not start on such a file either: the entry was written completely, so it is not a torn write.
TEST_F(LogCursorTest, a_wrong_checksum_in_apaches_last_record_refuses_the_start) {
  disk.put(log_path(1), log_of(1, 3));
  flip(log_path(1), kLogHeaderBytes + entry_bytes(1) + entry_bytes(2) + 30);
  expect_refused("wrong checksum");
}

TEST_F(LogCursorTest, a_torn_tail_in_an_older_file_is_harmless_only_if_the_next_file_continues_there) {
  const std::string torn = log_of(1, 4, 0).substr(0, log_of(1, 4, 0).size() - 5) + std::string(100, '\0');
  disk.put(log_path(1), torn);
  disk.put(log_path(4), log_of(4, 6));
  expect_history(6);
  EXPECT_EQ(reports.size(), 1u);
  ASSERT_TRUE(disk.remove(log_path(4)));
  forget_mark();
  disk.put(log_path(0x100000001), log_of(0x100000001, 0x100000002));
  expect_refused("though later files follow");
  // A snapshot that ends there includes everything that could be read.
  ASSERT_EQ(write_snapshot(disk, options, Zxid{3}), "");
  expect_history(0x100000002);
}

TEST_F(LogCursorTest, a_file_cut_between_two_records_is_clean) {
  disk.put(log_path(1), log_of(1, 3, 0));
  disk.put(log_path(0x100000001), log_of(0x100000001, 0x100000002, 0));
  expect_history(0x100000002);
  EXPECT_TRUE(reports.empty());
}

TEST_F(LogCursorTest, apache_may_truncate_our_log_and_continue_in_a_new_epoch) {
  write_ours(1, 4);
  const std::string good = disk.content(log_path(1));
  disk.put(log_path(1), good.substr(0, good.find_last_not_of('\0') + 1 - entry_bytes(4)));
  disk.put(log_path(0x100000001), log_of(0x100000001, 0x100000002));
  expect_history(0x100000002);
}

TEST_F(LogCursorTest, newest_files_without_entries_are_removed) {
  for (const std::string& content : {std::string(), std::string("ZKLG\0\0", 6), log_header(),
                                     log_header() + std::string(5000, '\0'), std::string(4096, '\0')}) {
    disk.put(log_path(1), log_of(1, 3));
    disk.put(log_path(0x7fff), content);
    expect_history(3);
    ASSERT_FALSE(reports.empty());
    EXPECT_TRUE(reports.front().starts_with("Removed /data/version-2/log.7fff"));
    EXPECT_FALSE(disk.stat(log_path(0x7fff))->has_value());
  }
}

TEST_F(LogCursorTest, files_with_a_partial_header_are_removed_and_foreign_headers_are_refused) {
  for (std::size_t bytes = 0; bytes < kLogHeaderBytes; ++bytes) {
    disk.put(log_path(1), log_of(1, 3));
    disk.put(log_path(4), log_header().substr(0, bytes));
    expect_history(3);
  }
  disk.put(log_path(4), "XXXX" + log_of(4, 5).substr(4));
  expect_refused("header");
  disk.put(log_path(4), std::string("ZKLG\0\0\0\3", 8) + log_of(4, 5).substr(8));
  expect_refused("header");
}

TEST_F(LogCursorTest, an_older_file_without_a_header_refuses_the_start) {
  disk.put(log_path(4), log_of(4, 6));
  for (const std::string& content : {std::string(), std::string("ZKLG"), std::string(100, '\0')}) {
    disk.put(log_path(1), content);
    expect_refused("log.1 is damaged at offset 0");
  }
}

TEST_F(LogCursorTest, gaps_in_the_zxids_refuse_the_start) {
  disk.put(log_path(1), log_bytes({create_txn(1), create_txn(2), create_txn(4)}));
  expect_refused("0x4 follows 0x2");
  disk.put(log_path(1), log_of(1, 3));
  disk.put(log_path(5), log_of(5, 6));
  expect_refused("0x5 follows 0x3");
  ASSERT_TRUE(disk.remove(log_path(5)));
  forget_mark();
  disk.put(log_path(0x100000002), log_of(0x100000002, 0x100000003));
  expect_refused("0x100000002 follows 0x3");
}

TEST_F(LogCursorTest, i1_a_counter_that_overflows_continues_in_the_next_epoch) {
  ASSERT_EQ(write_snapshot(disk, options, Zxid{0xfffffffd}), "");
  write_ours(0xfffffffe, 4);
  expect_history(0x100000001);
  // A new file may begin at that point.
  write_ours(0x100000002, 1);
  expect_history(0x100000002);
  disk.put(log_path(0x100000004), log_of(0x100000004, 0x100000005));
  expect_refused("0x100000004 follows 0x100000002");
}
TEST_F(LogCursorTest, decreasing_zxids_refuse_the_start) {
  disk.put(log_path(1), log_bytes({create_txn(1), create_txn(2), create_txn(1)}));
  expect_refused("backwards");
  disk.put(log_path(1), log_bytes({create_txn(1), create_txn(2), create_txn(2)}));
  expect_refused("backwards");
}

TEST_F(LogCursorTest, an_error_transaction_that_repeats_a_zxid_is_ignored) {
  disk.put(log_path(1), log_bytes({create_txn(1), create_txn(2), error_txn(2), create_txn(3)}));
  expect_history(3);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_NE(reports[0].find("repeats zxid 0x2"), std::string::npos);
}

TEST_F(LogCursorTest, a_file_whose_name_is_not_its_first_zxid_refuses_the_start) {
  disk.put(log_path(2), log_of(1, 3));
  expect_refused("does not match its name");
}

TEST_F(LogCursorTest, false_lengths_are_damage) {
  for (const char* const length : {"\x7f\xff\xff\xff", "\xff\xff\xff\xff", "\x80\0\0\0", "\0\0\0\0"}) {
    std::string bytes = log_of(1, 2, 0);
    bytes.append("\0\0\0\0\1\2\3\4", 8).append(length, 4).append(300, '\0');
    disk.put(log_path(1), bytes);
    forget_mark();
    expect_history(2);
    EXPECT_EQ(reports.size(), 1u);
  }
}

TEST_F(LogCursorTest, other_names_and_directories_are_ignored) {
  disk.put(log_path(1), log_of(1, 3));
  for (const char* const name :
       {"log.", "log.zz", "log.1.bak", "log.-1", "log.ffffffffffffffff", "xlog.2", "LOG.3", "log.4.gz"}) {
    disk.put(kVersionDir + "/" + name, "whatever");
  }
  ASSERT_TRUE(disk.make_directories(log_path(5)));
  expect_history(3);
}

TEST_F(LogCursorTest, an_unreadable_log_refuses_the_start_and_changes_nothing) {
  disk.put(log_path(1), log_of(1, 3));
  disk.inject({sim::MemoryDisk::Call::open, "log.1", EACCES});
  expect_refused("Permission denied");
  disk.inject({sim::MemoryDisk::Call::read, "log.1", EIO, 1});
  expect_refused("Input/output error");
  expect_history(3);
}

TEST_F(LogCursorTest, ten_thousand_files_are_read_in_order) {
  for (std::int64_t zxid = 1; zxid <= 10000; ++zxid) disk.put(log_path(zxid), log_of(zxid, zxid, 0));
  expect_history(10000);
}

TEST_F(LogCursorTest, damage_before_the_snapshot_is_harmless) {
  disk.put(log_path(1), log_of(1, 3));
  disk.put(log_path(4), log_bytes({create_txn(4), create_txn(5), create_txn(6)}));
  ASSERT_EQ(write_snapshot(disk, options, Zxid{4}), "");
  flip(log_path(1), 60);
  expect_history(6);
}

}  // namespace
}  // namespace quoll::store
