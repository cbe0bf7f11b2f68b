#include <fstream>
#include <zlib.h>

#include "store/compression.h"
#include "store/snapshot_reader.h"
#include "store/test_support.h"
#include "wire/jute.h"

namespace quoll::store {
namespace {

using namespace testing;

const std::string kPath = kVersionDir + "/snapshot.2";

StatPersisted stat_of_a() {
  return StatPersisted{2, 2, 1700000000001, 1700000000001, 0, 0, 0, 0, 2};
}

// Writes the example snapshot of docs/formats/snapshot.md.
void write_the_page(SnapshotWriter& writer, std::optional<SnapshotDigest> digest, std::optional<Zxid> last) {
  writer.sessions({{0x100000000000001, 30000}});
  writer.acl_count(1);
  writer.acl(1, AclList{Acl{perm::kRead, Id{"world", "anyone"}}});
  StatPersisted root;
  root.cversion = 1;
  root.pzxid = 2;
  writer.node("", "", -1, root);
  writer.node("/a", "hi", 1, stat_of_a());
  writer.finish(digest, last, [](std::expected<void, env::DiskError> result) { EXPECT_TRUE(result.has_value()); });
}

std::expected<SnapshotEnd, std::string> load(sim::MemoryDisk& disk, const std::string& path, Remembering& target) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return load_snapshot(disk, StoreFile{Zxid{2}, name, path, static_cast<std::int64_t>(disk.content(path).size()), 0},
                       target);
}

// Loads a file with these bytes and expects it to be refused for this reason.
void expect_refused(const std::string& bytes, std::string_view why = "") {
  sim::MemoryDisk disk;
  disk.put(kPath, bytes);
  Remembering target;
  const auto end = load(disk, kPath, target);
  ASSERT_FALSE(end.has_value());
  EXPECT_NE(end.error().find(why), std::string::npos) << end.error();
}

std::string seal(std::string bytes) {
  const auto adler = adler32_z(1, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  wire::Writer writer(bytes);
  writer.put(static_cast<std::int64_t>(adler));
  writer.put(std::string_view("/"));
  return bytes;
}

// The page's snapshot up to its first checksum, and the part before the znodes.
std::string page_body() {
  const std::string page = hex_block("snapshot.md", 0);
  return page.substr(0, page.size() - 13 - 33 - 21);
}
std::string page_head() {
  return page_body().substr(0, 4 + 4 + 8 + 4 + 12 + 4 + 8 + 4 + 4 + 9 + 10);
}

TEST(snapshot_format, writer_writes_the_documented_bytes) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  QueueWorker worker;
  SnapshotWriter writer(disk, worker, kVersionDir, small_options(), Zxid{2});
  write_the_page(writer, SnapshotDigest{2, 2, 0x22}, Zxid{2});
  worker.run_all();
  EXPECT_EQ(disk.content(kPath), hex_block("snapshot.md", 0));
}

TEST(snapshot_format, reader_reads_the_documented_bytes) {
  sim::MemoryDisk disk;
  disk.put(kPath, hex_block("snapshot.md", 0));
  Remembering target;
  const auto end = load(disk, kPath, target);
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->last_processed, Zxid{2});
  ASSERT_TRUE(end->digest);
  EXPECT_EQ(end->digest->digest, 0x22);
  EXPECT_EQ(target.sessions.at(0x100000000000001), 30000);
  EXPECT_EQ(target.nodes.at("/a").bytes, "hi");
  EXPECT_EQ(target.nodes.at("/a").stat, stat_of_a());
  EXPECT_EQ(target.acls.at(1), (AclList{Acl{perm::kRead, Id{"world", "anyone"}}}));
}

TEST(snapshot_format, digest_and_last_zxid_may_each_be_missing) {
  for (const bool has_digest : {false, true}) {
    for (const bool has_last : {false, true}) {
      sim::MemoryDisk disk;
      ASSERT_TRUE(disk.make_directories(kVersionDir));
      QueueWorker worker;
      SnapshotWriter writer(disk, worker, kVersionDir, small_options(), Zxid{2});
      write_the_page(writer, has_digest ? std::optional(SnapshotDigest{2, 2, 5}) : std::nullopt,
                     has_last ? std::optional(Zxid{3}) : std::nullopt);
      worker.run_all();
      Remembering target;
      const auto end = load(disk, kPath, target);
      ASSERT_TRUE(end) << end.error();
      EXPECT_EQ(end->digest.has_value(), has_digest);
      EXPECT_EQ(end->last_processed.has_value(), has_last);
    }
  }
}

TEST(snapshot_format, old_and_unknown_digests_are_read_over) {
  for (const std::int32_t version : {0, 1, 3}) {
    std::string bytes = seal(page_body());
    wire::Writer writer(bytes);
    writer.put(std::int64_t{2});
    writer.put(version);
    if (version < 2) {
      writer.put(std::string_view("1f"));
    } else {
      writer.put(std::int64_t{0x1f});
    }
    bytes = seal(bytes);
    wire::Writer(bytes).put(std::int64_t{2});
    sim::MemoryDisk disk;
    disk.put(kPath, seal(bytes));
    Remembering target;
    const auto end = load(disk, kPath, target);
    ASSERT_TRUE(end) << end.error();
    EXPECT_FALSE(end->digest);
    EXPECT_EQ(end->last_processed, Zxid{2});
  }
}

TEST(snapshot_format, a_truncated_snapshot_is_refused_unless_cut_after_a_checksum) {
  const std::string page = hex_block("snapshot.md", 0);
  const std::size_t first_seal = page_body().size() + 13;
  for (std::size_t bytes = 0; bytes < page.size(); ++bytes) {
    if (bytes == first_seal || bytes == first_seal + 33)
      continue;  // complete files of servers that do not write the later parts
    expect_refused(page.substr(0, bytes));
  }
}

TEST(snapshot_format, a_flipped_bit_anywhere_is_refused) {
  const std::string page = hex_block("snapshot.md", 0);
  for (std::size_t at = 0; at < page.size(); ++at) {
    std::string bytes = page;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x04);
    expect_refused(bytes);
  }
}

TEST(snapshot_format, bytes_after_the_end_are_refused) {
  expect_refused(hex_block("snapshot.md", 0) + "x", "after its end");
}

TEST(snapshot_format, false_counts_and_lengths_are_refused) {
  const std::string page = page_body();
  for (const std::string_view lie : {std::string_view("\xff\xff\xff\xff", 4), std::string_view("\x7f\xff\xff\xff", 4),
                                     std::string_view("\x80\0\0\0", 4)}) {
    for (const std::size_t at :
         {std::size_t{16}, std::size_t{32}, std::size_t{44}, page_head().size(), page_head().size() + 4}) {
      const bool is_null_data = lie[0] == '\xff' && at == page_head().size() + 4;
      if (is_null_data) continue;  // which is valid
      std::string bytes = page;
      bytes.replace(at, 4, lie);
      expect_refused(seal(bytes));
    }
  }
}

TEST(snapshot_format, null_data_differs_from_empty_data) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories(kVersionDir));
  QueueWorker worker;
  SnapshotWriter writer(disk, worker, kVersionDir, small_options(), Zxid{2});
  writer.sessions({});
  writer.acl_count(0);
  writer.node("", base::NullableView(), -1, StatPersisted{});
  writer.node("/a", "", -1, StatPersisted{});
  writer.finish(std::nullopt, std::nullopt, [](auto) {});
  worker.run_all();
  Remembering target;
  ASSERT_TRUE(load(disk, kPath, target));
  EXPECT_TRUE(target.nodes.at("").data.is_null());
  EXPECT_FALSE(target.nodes.at("/a").data.is_null());
}

TEST(snapshot_format, duplicate_znodes_orphans_and_duplicate_acl_lists_are_refused) {
  const auto node = [](std::string_view path) {
    std::string bytes;
    wire::Writer writer(bytes);
    writer.put(path);
    writer.put(std::string_view("x"));
    writer.put(std::int64_t{-1});
    writer.put(StatPersisted{});
    return bytes;
  };
  const std::string end("\0\0\0\1/", 5);
  expect_refused(seal(page_head() + node("") + node("/a") + node("/a") + end), "twice");
  expect_refused(seal(page_head() + node("") + node("/a/b") + node("/a") + end), "before its parent");
  expect_refused(seal(page_head() + node("") + node("/a")), "");  // no end
  std::string acls = page_head();
  const std::string one = acls.substr(36);
  acls.replace(32, 4, std::string_view("\0\0\0\2", 4));
  expect_refused(seal(acls + one + node("") + end), "ACL list 1 occurs twice");
}

TEST(snapshot_format, an_end_before_the_zxid_of_the_name_is_refused) {
  std::string bytes = seal(page_body());
  wire::Writer(bytes).put(std::int64_t{1});
  expect_refused(seal(bytes), "before that of its name");
}

class Compressed : public ::testing::TestWithParam<Options::Compression> {
 protected:
  std::string path() const { return kPath + std::string(suffix_of(GetParam())); }
  std::string write() {
    Options options = small_options();
    options.compression = GetParam();
    EXPECT_TRUE(disk.make_directories(kVersionDir));
    QueueWorker worker;
    SnapshotWriter writer(disk, worker, kVersionDir, options, Zxid{2});
    writer.sessions({{1, 4000}});
    writer.acl_count(0);
    writer.node("", "", -1, StatPersisted{});
    for (int i = 0; i < 3000; ++i)
      writer.node(fmt::format("/n{}", i), std::string(static_cast<std::size_t>(i), 'x'), -1, StatPersisted{});
    writer.finish(SnapshotDigest{2, 2, 9}, Zxid{2}, [](auto result) { EXPECT_TRUE(result.has_value()); });
    worker.run_all();
    return disk.content(path());
  }
  sim::MemoryDisk disk;
};

TEST_P(Compressed, a_snapshot_of_many_chunks_is_read_back) {
  const std::string bytes = write();
  Remembering target;
  const auto end = load(disk, path(), target);
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->digest->digest, 9);
  EXPECT_EQ(target.nodes.size(), 3001u);
  EXPECT_EQ(target.nodes.at("/n2999").bytes.size(), 2999u);
  EXPECT_TRUE(seems_complete(disk, StoreFile{Zxid{2}, path().substr(path().rfind('/') + 1), path(),
                                             static_cast<std::int64_t>(bytes.size()), 0}));
}

TEST_P(Compressed, the_first_bytes_decide_the_compression_not_the_name) {
  const std::string bytes = write();
  for (const std::string suffix : {"", ".gz", ".snappy"}) {
    disk.put(kPath + suffix, bytes);
    Remembering target;
    EXPECT_TRUE(load(disk, kPath + suffix, target));
  }
}

TEST_P(Compressed, truncated_or_altered_files_are_refused) {
  const std::string bytes = write();
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / 97);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    disk.put(path(), bytes.substr(0, at));
    Remembering target;
    EXPECT_FALSE(load(disk, path(), target)) << "cut at " << at;
  }
  for (std::size_t at = GetParam() == Options::gz ? 10 : 16; at < bytes.size(); at += step) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    disk.put(path(), flipped);
    Remembering target;
    // In a run of equal bytes, a changed back-reference may point at the same bytes.
    if (!load(disk, path(), target)) continue;
    for (int i = 0; i < 3000; ++i)
      ASSERT_EQ(target.nodes.at(fmt::format("/n{}", i)).bytes, std::string(static_cast<std::size_t>(i), 'x'));
  }
}

INSTANTIATE_TEST_SUITE_P(all, Compressed, ::testing::Values(Options::none, Options::gz, Options::snappy));

TEST(snapshot_format, snappy_streams_without_blocks_are_refused) {
  const std::string magic{"\x82SNAPPY\0", 8};
  std::string begins;
  for (int i = 0; i < 200'000; ++i) begins += magic + std::string("\0\0\0\1\0\0\0\1", 8);
  for (const std::string& bytes : {magic, magic + "\1", begins}) expect_refused(bytes);
}

// The most that this process has had in memory, in bytes; it never falls.
std::int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

// `head` and then `mebibytes` times a mebibyte of `fill`, compressed.
std::string bomb(Options::Compression kind, std::string_view head, int mebibytes, char fill) {
  std::string out;
  const auto compressor = make_compressor(kind);
  compressor->write(head, out);
  const std::string piece(std::size_t{1} << 20, fill);
  for (int i = 0; i < mebibytes; ++i) compressor->write(piece, out);
  compressor->finish(out);
  return out;
}

std::string with_count(std::size_t bytes, std::int32_t count) {
  std::string head = page_body().substr(0, bytes);
  wire::Writer(head).put(count);
  return head;
}

TEST(snapshot_format, bombs_are_refused_in_little_memory) {
  constexpr std::int64_t kMost = std::int64_t{24} << 20;
  constexpr int kMebibytes = 64;
  std::string long_text = with_count(16, 0);
  for (const std::int32_t field : {1, 0, 7, 1, 31, INT32_MAX}) wire::Writer(long_text).put(field);
  std::string nodes = with_count(16, 0);
  wire::Writer(nodes).put(std::int32_t{0});
  std::string long_data = nodes;
  wire::Writer(long_data).put(std::string_view());
  wire::Writer(long_data).put(std::int32_t{60 << 20});
  std::string long_path = nodes;
  wire::Writer(long_path).put(std::int32_t{60 << 20});
  std::string many_lists = with_count(16, 0);
  wire::Writer(many_lists).put(std::int32_t{INT32_MAX});
  std::string many_entries = with_count(16, 0);
  for (const std::int32_t field : {1, 0, 7, INT32_MAX}) wire::Writer(many_entries).put(field);
  class Patient : public Remembering {
    bool on_session(std::int64_t, std::int32_t) override { return true; }
  };
  for (const auto kind : {Options::gz, Options::snappy}) {
    for (const std::string& head :
         {with_count(16, INT32_MAX), many_lists, many_entries, long_text, nodes, long_data, long_path}) {
      for (const char fill : {'\0', 'x'}) {
        sim::MemoryDisk disk;
        disk.put(kPath + ".gz", bomb(kind, head, kMebibytes, fill));
        const std::int64_t before = peak_bytes();
        Patient target;
        EXPECT_FALSE(load(disk, kPath + ".gz", target));
        EXPECT_LT(peak_bytes() - before, kMost);
        EXPECT_TRUE(target.nodes.empty());
      }
    }
  }
}

TEST(snapshot_format, a_length_that_the_file_cannot_hold_takes_no_memory) {
  std::string bytes = with_count(16, 0);
  wire::Writer(bytes).put(std::int32_t{0});
  wire::Writer(bytes).put(std::string_view());
  wire::Writer(bytes).put(std::int32_t{200 << 20});
  sim::MemoryDisk disk;
  disk.put(kPath, bytes);
  const std::int64_t before = peak_bytes();
  Remembering target;
  EXPECT_FALSE(load(disk, kPath, target));
  EXPECT_LT(peak_bytes() - before, std::int64_t{8} << 20);
}

TEST(snapshot_format, a_snappy_block_that_lies_takes_no_memory) {
  // A varint of 60 MiB, followed by almost nothing.
  const std::string block{"\x80\x80\x80\x1e\0a", 6};
  std::string bytes{"\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16};
  wire::Writer(bytes).put(std::string_view(block));
  sim::MemoryDisk disk;
  disk.put(kPath + ".snappy", bytes);
  const std::int64_t before = peak_bytes();
  Remembering target;
  EXPECT_FALSE(load(disk, kPath + ".snappy", target));
  EXPECT_LT(peak_bytes() - before, std::int64_t{8} << 20);
}

}  // namespace
}  // namespace quoll::store
