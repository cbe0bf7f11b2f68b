#include "store/log_format.h"

#include <cerrno>

#include "base/prng.h"
#include "store/durable_mark.h"
#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

std::string first_of_the_page() {
  std::string out;
  wire::append_txn(
      Txn{TxnHeader{0x100000000000001, 0, 1, 1700000000000, static_cast<std::int32_t>(OpCode::create_session)},
          CreateSessionTxn{30000}, TxnDigest{2, 0x11}},
      out);
  return out;
}
std::string second_of_the_page() {
  std::string out;
  wire::append_txn(Txn{TxnHeader{0x100000000000001, 1, 2, 1700000000001, static_cast<std::int32_t>(OpCode::create)},
                       CreateTxn{"/a", "hi", open_acl_unsafe(), false, 1}, TxnDigest{2, 0x22}},
                   out);
  return out;
}

TEST(log_format, writer_writes_the_documented_bytes) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  QueueWorker worker;
  Options options = small_options();
  options.pre_alloc_kb = 0;
  LogWriter writer(disk, kVersionDir, options);
  writer.append(Zxid{1}, first_of_the_page());
  writer.append(Zxid{2}, second_of_the_page());
  ASSERT_EQ(flush(writer, worker), "");
  EXPECT_EQ(disk.content(kVersionDir + "/log.1"), hex_block("log.md", 0));
}

TEST(log_format, reader_reads_the_documented_bytes) {
  sim::MemoryDisk disk;
  disk.put(kVersionDir + "/log.1", hex_block("log.md", 0));
  ASSERT_EQ(write_snapshot(disk, small_options(), Zxid{0}), "");
  const Outcome outcome = start(disk, small_options());
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{1, 2}));
}

TEST(log_format, durable_mark_has_the_documented_bytes) {
  sim::MemoryDisk disk;
  const std::string slot = hex_block("log.md", 1);
  disk.put(kVersionDir + "/quoll.durable", std::string(512, '\0') + slot);
  const auto mark = read_durable_mark(disk, kVersionDir);
  ASSERT_TRUE(mark);
  ASSERT_EQ(mark->kind, KnownMark::good);
  EXPECT_EQ(mark->mark, (DurableMark{Zxid{1}, 0xb2, Zxid{2}}));

  auto file = DurableMarkFile::open(disk, kVersionDir);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write(mark->mark));
  ASSERT_TRUE(file->write(mark->mark));
  // Sequence number 7 overwrites the slot of 5; 6 is in the other slot.
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.durable").substr(512, 8), std::string("\0\0\0\0\0\0\0\7", 8));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.durable").substr(520, 24), slot.substr(8, 24));
  EXPECT_EQ(disk.content(kVersionDir + "/quoll.durable").substr(0, 8), std::string("\0\0\0\0\0\0\0\6", 8));
}

TEST(log_format, durable_mark_survives_the_loss_of_either_slot) {
  for (const std::size_t spoiled : {std::size_t{3}, std::size_t{515}}) {
    sim::MemoryDisk disk;
    ASSERT_TRUE(disk.make_directories(kVersionDir));
    auto file = DurableMarkFile::open(disk, kVersionDir);
    ASSERT_TRUE(file->write(DurableMark{Zxid{1}, 100, Zxid{1}}));
    ASSERT_TRUE(file->write(DurableMark{Zxid{1}, 200, Zxid{2}}));
    std::string bytes = disk.content(kVersionDir + "/quoll.durable");
    bytes[spoiled] ^= 1;
    disk.put(kVersionDir + "/quoll.durable", bytes);
    const auto mark = read_durable_mark(disk, kVersionDir);
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->mark.offset, spoiled < 512 ? 100 : 200);
  }
}

TEST(log_format, a_durable_mark_without_a_whole_record_is_not_a_missing_one) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  EXPECT_EQ(read_durable_mark(disk, kVersionDir)->kind, KnownMark::missing);
  for (const std::string& content : {std::string(), std::string(17, 'x'), std::string(552, '\0')}) {
    disk.put(kVersionDir + "/quoll.durable", content);
    EXPECT_EQ(read_durable_mark(disk, kVersionDir)->kind, KnownMark::unreadable) << content.size();
  }
  for (const auto call : {sim::MemoryDisk::Call::open, sim::MemoryDisk::Call::read, sim::MemoryDisk::Call::stat}) {
    disk.inject({call, "quoll.durable", EIO});
    EXPECT_FALSE(read_durable_mark(disk, kVersionDir));
  }
}

TEST(log_format, a_durable_mark_appears_whole_whenever_the_power_is_cut) {
  for (int calls = 0;; ++calls) {
    sim::MemoryDisk disk;
    disk.put(kVersionDir + "/readme", "");
    disk.power_off_after(calls);
    const bool is_made = DurableMarkFile::open(disk, kVersionDir).has_value();
    base::Prng chance(static_cast<std::uint64_t>(calls));
    disk.cut(chance);
    EXPECT_NE(read_durable_mark(disk, kVersionDir)->kind, KnownMark::unreadable) << calls;
    if (is_made) break;
  }
}

// The values of Apache's FilePaddingTest, and neighbouring sizes.
TEST(log_format, padding_keeps_apaches_distance_from_the_end) {
  constexpr std::int64_t kStep = 64 * 1024;
  EXPECT_EQ(padded_size(0, 0, kStep), kStep);
  EXPECT_EQ(padded_size(kStep - 4097, kStep, kStep), kStep);
  EXPECT_EQ(padded_size(kStep - 4096, kStep, kStep), 2 * kStep);
  EXPECT_EQ(padded_size(kStep, kStep, kStep), 2 * kStep);
  EXPECT_EQ(padded_size(3 * kStep + 5, kStep, kStep), 4 * kStep);
  EXPECT_EQ(padded_size(1000, 10, 0), 10);
}

TEST(log_format, entries_of_all_sizes_are_readable_with_all_paddings) {
  for (const std::int64_t pre_alloc_kb : {0, 1, 4, 64}) {
    for (const std::size_t bytes : {0, 1, 1023, 4096, 4097, 70000, 3000000}) {
      sim::MemoryDisk disk;
      Options options = small_options();
      options.pre_alloc_kb = pre_alloc_kb;
      ASSERT_TRUE(start(disk, options).recovered);
      ASSERT_EQ(write_snapshot(disk, options, Zxid{0}), "");
      QueueWorker worker;
      LogWriter writer(disk, kVersionDir, options);
      for (std::int64_t zxid = 1; zxid <= 4; ++zxid) {
        writer.append(Zxid{zxid}, create_txn(zxid, bytes));
        if (zxid % 2 == 0) {
          ASSERT_EQ(flush(writer, worker), "");
        }
      }
      const Outcome outcome = start(disk, options);
      ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
      EXPECT_EQ(outcome.target.zxids.size(), 4u);
    }
  }
}

}  // namespace
}  // namespace quoll::store
