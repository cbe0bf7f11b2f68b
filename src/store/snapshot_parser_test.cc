#include "store/snapshot_parser.h"

#include <cerrno>

#include "base/prng.h"
#include "store/snapshot_format.h"
#include "store/snapshot_receiver.h"
#include "store/test_support.h"
#include "wire/jute.h"

namespace quoll::store {
namespace {

using namespace testing;

// The state in docs/formats/snapshot.md as a leader sends it.
std::string wire_state() {
  const std::string page = hex_block("snapshot.md", 0);
  std::string bytes = page.substr(16, page.size() - 16 - 13 - 33 - 21);
  wire::Writer(bytes).put(kWireSignature);
  return bytes;
}

// Feeds the parser pieces of up to `piece` bytes; returns how many belonged to the state, or the error.
std::expected<std::size_t, std::string> feed(SnapshotParser& parser, std::string_view bytes, std::size_t piece,
                                             std::string& body) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !parser.is_complete()) {
    const auto some = bytes.substr(taken, piece);
    const auto used = parser.take(some, body);
    if (!used) return used;
    taken += *used;
    if (*used < some.size()) {
      EXPECT_TRUE(parser.is_complete());
      break;
    }
  }
  return taken;
}

TEST(SnapshotParser, gives_the_same_content_however_the_bytes_come) {
  const std::string bytes = wire_state();
  for (std::size_t piece = 1; piece <= bytes.size() + 3; ++piece) {
    Remembering target;
    SnapshotParser parser(target);
    std::string body;
    const auto taken = feed(parser, bytes + "the next packet", piece, body);
    ASSERT_TRUE(taken) << taken.error();
    EXPECT_EQ(*taken, bytes.size());
    ASSERT_TRUE(parser.is_complete());
    EXPECT_EQ(parser.kept_bytes(), 0u);
    EXPECT_EQ(body, bytes.substr(0, bytes.size() - 14));
    EXPECT_EQ(target.sessions, (std::map<std::int64_t, std::int32_t>{{0x100000000000001, 30000}}));
    EXPECT_EQ(target.acls.at(1), (AclList{Acl{perm::kRead, Id{"world", "anyone"}}}));
    ASSERT_EQ(target.nodes.size(), 2u);
    EXPECT_EQ(target.nodes.at("/a").bytes, "hi");
    EXPECT_EQ(target.nodes.at("/a").acl, 1);
    EXPECT_EQ(target.nodes.at("/a").stat.ctime, 1700000000001);
    EXPECT_EQ(*parser.take("more", body), 0u);
  }
}

TEST(SnapshotParser, is_not_complete_before_the_last_byte) {
  const std::string bytes = wire_state();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    Remembering target;
    SnapshotParser parser(target);
    std::string body;
    EXPECT_EQ(feed(parser, bytes.substr(0, length), 1000, body).value(), length);
    EXPECT_FALSE(parser.is_complete());
  }
}

TEST(SnapshotParser, keeps_less_than_one_znode) {
  std::string bytes = wire_state();
  const std::string signature = bytes.substr(bytes.size() - 14 - 5);
  bytes.resize(bytes.size() - signature.size());
  for (int i = 0; i < 200; ++i) {
    wire::Writer writer(bytes);
    writer.put(fmt::format("/n{}", i));
    writer.put(std::string(1000, 'x'));
    writer.put(std::int64_t{-1});
    writer.put(StatPersisted{});
  }
  bytes += signature;
  Remembering target;
  SnapshotParser parser(target);
  std::string body;
  for (std::size_t at = 0; at < bytes.size(); at += 700) {
    ASSERT_TRUE(parser.take(std::string_view(bytes).substr(at, 700), body));
    EXPECT_LT(parser.kept_bytes(), 1100u);
  }
  EXPECT_TRUE(parser.is_complete());
  EXPECT_EQ(target.nodes.size(), 202u);
}

// Expects it to be refused for this reason, and to stay so.
void expect_wrong(const std::string& bytes, std::string_view why) {
  for (const std::size_t piece : {std::size_t{1}, bytes.size()}) {
    Remembering target;
    SnapshotParser parser(target);
    std::string body;
    const auto taken = feed(parser, bytes, piece, body);
    ASSERT_FALSE(taken) << why;
    EXPECT_NE(taken.error().find(why), std::string::npos) << taken.error();
    EXPECT_FALSE(parser.is_complete());
    EXPECT_EQ(parser.take("x", body).error(), taken.error());
  }
}

std::string with_int(std::string bytes, std::size_t at, std::int32_t value) {
  wire::Writer(bytes).patch(at, value);
  return bytes;
}

TEST(SnapshotParser, false_counts_and_lengths_are_refused) {
  const std::string good = wire_state();
  constexpr std::size_t kAclCount = 16;
  constexpr std::size_t kEntries = kAclCount + 12;
  constexpr std::size_t kRoot = kEntries + 4 + 4 + 9 + 10;
  for (const std::int32_t count : {-1, INT32_MIN}) {
    expect_wrong(with_int(good, 0, count), "sessions");
    expect_wrong(with_int(good, kAclCount, count), "ACL lists");
    expect_wrong(with_int(good, kEntries, count), "an ACL list claims to have");
  }
  for (const std::int32_t length : {-2, INT32_MIN, INT32_MAX, kFieldBytesMax + 1}) {
    expect_wrong(with_int(good, kEntries + 8, length), "a string claims to have");
    expect_wrong(with_int(good, kEntries + 8 + 9, length), "a string claims to have");
    expect_wrong(with_int(good, kRoot, length), "a path claims to have");
    expect_wrong(with_int(good, kRoot + 4, length), "a znode's data claims to have");
  }
  expect_wrong(with_int(good, kRoot, -1), "a path claims to have");
}

TEST(SnapshotParser, a_wrong_signature_is_refused) {
  const std::string good = wire_state();
  for (std::size_t at = good.size() - 14; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 1;
    expect_wrong(bad, "signature");
  }
}

TEST(SnapshotParser, znodes_twice_or_without_a_parent_and_lists_twice_are_refused) {
  const std::string good = wire_state();
  const std::string root = good.substr(16 + 12 + 4 + 4 + 9 + 10 + 4, 76);
  std::string twice = good;
  twice.insert(16 + 12 + 4 + 4 + 9 + 10, root);
  expect_wrong(twice, "a znode occurs twice or before its parent");
  std::string without = good;
  without.erase(16 + 12 + 4 + 4 + 9 + 10, root.size());
  expect_wrong(without, "a znode occurs twice or before its parent");
  std::string lists = with_int(good, 12 + 4, 2);
  lists.insert(20, lists.substr(20, 8 + 4 + 4 + 9 + 10));
  expect_wrong(lists, "ACL list 1 occurs twice");
}

TEST(SnapshotParser, no_flipped_bit_breaks_it) {
  const std::string good = wire_state();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    Remembering target;
    SnapshotParser parser(target);
    std::string body;
    const auto taken = feed(parser, bad, 7, body);
    EXPECT_TRUE(!taken || parser.is_complete() || *taken == bad.size());
  }
}

class ReceiverTest : public ::testing::TestWithParam<Options::Compression> {
 protected:
  ReceiverTest() {
    options.compression = GetParam();
    dirs.emplace(*DataDirs::open(disk, options, log));
  }
  std::expected<ReceivedSnapshot, std::string> finish(SnapshotReceiver& receiver) {
    std::expected<ReceivedSnapshot, std::string> result = std::unexpected("not done");
    receiver.finish([&](auto done) {
      if (done) {
        result = *done;
      } else {
        result = std::unexpected(done.error().text);
      }
    });
    worker.run_all();
    return result;
  }
  sim::MemoryDisk disk;
  Options options = small_options();
  LineLog log;
  std::optional<DataDirs> dirs;
  QueueWorker worker;
  Remembering target;
};

TEST_P(ReceiverTest, writes_a_snapshot_that_loads_and_survives_a_power_cut) {
  ReceivedSnapshot received;
  {
    SnapshotReceiver receiver(*dirs, worker, options, Zxid{2}, target);
    ASSERT_EQ(receiver.take(wire_state() + "rest").value(), wire_state().size());
    ASSERT_TRUE(receiver.is_complete());
    const auto done = finish(receiver);
    ASSERT_TRUE(done) << done.error();
    received = *done;
  }
  worker.run_all();
  ASSERT_TRUE(disk.sync_directory(kVersionDir));
  disk.cut();
  EXPECT_TRUE(received.temporary_name.starts_with("quoll-tmp.received.snapshot.2"));
  const std::string path = kVersionDir + "/" + received.temporary_name;
  const auto size = static_cast<std::int64_t>(disk.content(path).size());
  Remembering loaded;
  const auto end = load_snapshot(disk, StoreFile{Zxid{2}, received.name, path, size, 0}, loaded);
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(loaded.nodes.size(), target.nodes.size());
  EXPECT_EQ(loaded.nodes.at("/a").bytes, "hi");
  if (options.compression == Options::none) {
    const std::string page = hex_block("snapshot.md", 0);
    EXPECT_EQ(disk.content(path), page.substr(0, page.size() - 33 - 21));
  }
}

INSTANTIATE_TEST_SUITE_P(all, ReceiverTest, ::testing::Values(Options::none, Options::gz, Options::snappy));

std::string large_state(std::size_t bytes) {
  std::string state = wire_state();
  std::string node;
  wire::Writer writer(node);
  writer.put(std::string_view("/large"));
  writer.put(std::string(bytes, 'x'));
  writer.put(std::int64_t{-1});
  writer.put(StatPersisted{});
  state.insert(state.size() - 14 - 5, node);
  return state;
}

class PlainReceiverTest : public ReceiverTest {};

TEST_P(PlainReceiverTest, pending_bytes_grow_until_the_worker_writes) {
  SnapshotReceiver receiver(*dirs, worker, options, Zxid{2}, target);
  ASSERT_TRUE(receiver.take(large_state(600'000)));
  EXPECT_GE(receiver.pending_bytes(), 600'000u);
  worker.run_all();
  EXPECT_EQ(receiver.pending_bytes(), 0u);
}

TEST_P(PlainReceiverTest, an_abandoned_one_leaves_no_file) {
  {
    SnapshotReceiver receiver(*dirs, worker, options, Zxid{2}, target);
    ASSERT_TRUE(receiver.take(large_state(600'000)));
    worker.run_all();
    EXPECT_TRUE(disk.stat(kVersionDir + "/quoll-tmp.received.snapshot.2")->has_value());
  }
  worker.run_all();
  EXPECT_FALSE(disk.stat(kVersionDir + "/quoll-tmp.received.snapshot.2")->has_value());
}

TEST_P(PlainReceiverTest, a_full_disk_is_told_with_the_next_bytes_or_at_the_end) {
  disk.inject({sim::MemoryDisk::Call::write, "quoll-tmp.received", ENOSPC});
  {
    SnapshotReceiver receiver(*dirs, worker, options, Zxid{2}, target);
    const std::string state = large_state(600'000);
    ASSERT_TRUE(receiver.take(state.substr(0, state.size() - 5)));
    worker.run_all();
    const auto rest = receiver.take(state.substr(state.size() - 5));
    ASSERT_FALSE(rest);
    EXPECT_NE(rest.error().find("No space left"), std::string::npos);
  }
  worker.run_all();
  disk.inject({sim::MemoryDisk::Call::sync, "quoll-tmp.received", EIO});
  Remembering again;
  SnapshotReceiver receiver(*dirs, worker, options, Zxid{2}, again);
  ASSERT_TRUE(receiver.take(wire_state()));
  EXPECT_NE(finish(receiver).error().find("Input/output error"), std::string::npos);
  EXPECT_FALSE(disk.stat(kVersionDir + "/quoll-tmp.received.snapshot.2")->has_value());
}

INSTANTIATE_TEST_SUITE_P(all, PlainReceiverTest, ::testing::Values(Options::none));

}  // namespace
}  // namespace quoll::store
