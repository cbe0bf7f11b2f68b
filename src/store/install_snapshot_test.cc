#include "store/install_snapshot.h"

#include "base/prng.h"
#include "store/durable_mark.h"
#include "store/epoch_files.h"
#include "store/file_names.h"
#include "store/history_note.h"
#include "store/snapshot_format.h"
#include "store/snapshot_receiver.h"
#include "store/test_support.h"
#include "wire/jute.h"

namespace quoll::store {
namespace {

using namespace testing;

constexpr Zxid kAt{0x500000003};

// A root and one znode.
std::string leaders_state() {
  std::string bytes;
  wire::Writer writer(bytes);
  writer.put(std::int32_t{0});
  writer.put(std::int32_t{0});
  for (const char* const path : {"", "/leaders"}) {
    writer.put(std::string_view(path));
    writer.put(std::string_view("of the leader"));
    writer.put(kOpenAclId);
    writer.put(StatPersisted{});
  }
  writer.put(std::string_view("/"));
  writer.put(kWireSignature);
  return bytes;
}

// Snapshots 0, 3 and 6, and log.1, log.4 and log.7 with three transactions each, of epoch 0.
void write_own_history(sim::MemoryDisk& disk, const Options& options, const std::string& log_dir) {
  disk.put(kVersionDir + "/currentEpoch", "0");
  disk.put(kVersionDir + "/acceptedEpoch", "5");
  disk.put(log_dir + "/readme", "");
  LogWriter writer(disk, log_dir, options);
  QueueWorker worker;
  ASSERT_EQ(write_snapshot(disk, options, Zxid{0}), "");
  for (std::int64_t zxid = 1; zxid <= 9; ++zxid) {
    if (zxid % 3 == 1) writer.roll();
    writer.append(Zxid{zxid}, create_txn(zxid));
    ASSERT_EQ(flush(writer, worker), "");
    if (zxid == 3 || zxid == 6) {
      ASSERT_EQ(write_snapshot(disk, options, Zxid{zxid}), "");
    }
  }
}

// A whole start of an installation: the state comes, its file is written, and it is installed.
std::expected<Reports, std::string> receive_and_install(sim::MemoryDisk& disk, const Options& options, Zxid at,
                                                        Loss loss = Loss::possible) {
  LineLog log;
  auto dirs = DataDirs::open(disk, options, log);
  if (!dirs) return std::unexpected(dirs.error());
  QueueWorker worker;
  Remembering target;
  SnapshotReceiver receiver(*dirs, worker, options, at, target);
  if (auto taken = receiver.take(leaders_state()); !taken) return std::unexpected(taken.error());
  std::expected<Reports, std::string> result = std::unexpected("not done");
  receiver.finish([&](std::expected<ReceivedSnapshot, env::DiskError> received) {
    if (received) {
      result = install_snapshot(*dirs, *received, loss, kWallMs);
    } else {
      result = std::unexpected(received.error().text);
    }
  });
  worker.run_all();
  return result;
}

std::vector<std::string> names_there(sim::MemoryDisk& disk, const std::string& directory) {
  std::vector<std::string> found;
  const auto entries = disk.list(directory);
  for (const auto& entry : *entries) {
    if (entry.name != "readme" && entry.name != kLockName) found.push_back(entry.name);
  }
  return found;
}

class InstallTest : public ::testing::Test {
 protected:
  InstallTest() {
    options.data_log_dir = "/log";
    write_own_history(disk, options, log_dir);
  }
  const std::string log_dir = "/log/version-2";
  sim::MemoryDisk disk;
  Options options = small_options();
};

TEST_F(InstallTest, the_snapshot_is_the_whole_history) {
  const auto done = receive_and_install(disk, options, kAt);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(names_there(disk, log_dir), (std::vector<std::string>{"log-7.cut-20231114T221320Z", "quoll.durable"}));
  EXPECT_EQ(names_there(disk, kVersionDir),
            (std::vector<std::string>{"acceptedEpoch", "currentEpoch", "snapshot-6.cut-20231114T221320Z",
                                      "snapshot.500000003"}));
  EXPECT_EQ(read_durable_mark(disk, log_dir)->mark, (DurableMark{Zxid{0}, 0, kAt}));
  disk.cut();
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, kAt);
  EXPECT_EQ(outcome.recovered->snapshot, kAt);
  EXPECT_TRUE(outcome.target.zxids.empty());
  EXPECT_EQ(outcome.target.nodes.at("/leaders").bytes, "of the leader");
}

TEST_F(InstallTest, an_older_zxid_than_that_of_the_own_history_takes_its_place_too) {
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{2}));
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{2});
  EXPECT_TRUE(outcome.target.zxids.empty());
  EXPECT_EQ(outcome.target.nodes.size(), 2u);
}

TEST_F(InstallTest, a_snapshot_of_the_same_zxid_is_replaced) {
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{6}));
  EXPECT_TRUE(disk.stat(kVersionDir + "/snapshot-6.cut-20231114T221320Z")->has_value());
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.recovered->last, Zxid{6});
  EXPECT_TRUE(outcome.target.nodes.contains("/leaders"));
}

TEST_F(InstallTest, the_log_goes_on_after_it) {
  ASSERT_TRUE(receive_and_install(disk, options, kAt));
  {
    LogWriter writer(disk, log_dir, options, kAt);
    QueueWorker worker;
    writer.append(kAt.next(), create_txn(kAt.next().value()));
    ASSERT_EQ(flush(writer, worker), "");
  }
  disk.cut();
  const Outcome outcome = start(disk, options);
  ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
  EXPECT_EQ(outcome.target.zxids, (std::vector<std::int64_t>{kAt.next().value()}));
}

TEST_F(InstallTest, a_lost_snapshot_is_not_replaced_by_an_older_history) {
  ASSERT_TRUE(receive_and_install(disk, options, kAt));
  ASSERT_TRUE(disk.remove(kVersionDir + "/snapshot.500000003"));
  ASSERT_TRUE(disk.rename(kVersionDir + "/snapshot-6.cut-20231114T221320Z", kVersionDir + "/snapshot.6"));
  const Outcome outcome = start(disk, options);
  ASSERT_FALSE(outcome.recovered);
  EXPECT_NE(outcome.recovered.error().find("up to 0x500000003 on stable storage"), std::string::npos);
}

TEST_F(InstallTest, only_the_newest_old_history_is_kept) {
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{0x100000007}));
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{0x200000007}));
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{0x300000007}));
  EXPECT_EQ(names_there(disk, log_dir), (std::vector<std::string>{"quoll.durable"}));
  EXPECT_EQ(names_there(disk, kVersionDir),
            (std::vector<std::string>{"acceptedEpoch", "currentEpoch", "snapshot-200000007.cut-20231114T221320Z",
                                      "snapshot.300000007"}));
}

// A leader that has lost its data begins anew, with lower zxids.
TEST_F(InstallTest, a_newer_history_is_kept_over_many_installations) {
  for (const std::int64_t zxid : {1, 2, 3}) ASSERT_TRUE(receive_and_install(disk, options, Zxid{zxid}));
  EXPECT_TRUE(disk.stat(kVersionDir + "/snapshot-6.cut-20231114T221320Z")->has_value());
  EXPECT_TRUE(disk.stat(log_dir + "/log-7.cut-20231114T221320Z")->has_value());
}

TEST_F(InstallTest, a_state_that_ends_earlier_leaves_the_history_incomplete_until_current_epoch_is_written) {
  ASSERT_TRUE(receive_and_install(disk, options, kAt));
  EXPECT_FALSE(start(disk, options).recovered->is_suspect) << "nothing that this server had is later";
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{8}));
  EXPECT_TRUE(start(disk, options).recovered->is_suspect);
  ASSERT_TRUE(receive_and_install(disk, options, kAt));
  EXPECT_TRUE(start(disk, options).recovered->is_suspect) << "a leader has not said that this is all";
  ASSERT_TRUE(write_epoch(disk, kVersionDir, EpochFile::current, Epoch{5}));
  EXPECT_FALSE(start(disk, options).recovered->is_suspect);
}

TEST_F(InstallTest, a_state_that_ends_earlier_leaves_the_history_complete_if_nothing_can_be_lost_by_it) {
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{8}, Loss::none));
  EXPECT_FALSE(start(disk, options).recovered->is_suspect);
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{7}));
  ASSERT_TRUE(receive_and_install(disk, options, Zxid{6}, Loss::none));
  EXPECT_TRUE(start(disk, options).recovered->is_suspect) << "what was lost before has not come yet";
}

TEST_F(InstallTest, a_history_that_was_given_up_stays_incomplete_whatever_the_epoch_of_the_snapshot) {
  disk.put(kVersionDir + "/currentEpoch", "5");
  ASSERT_TRUE(write_history_note(disk, kVersionDir, HistoryNote{}));
  ASSERT_TRUE(receive_and_install(disk, options, kAt));
  EXPECT_TRUE(start(disk, options).recovered->is_suspect);
}

void cut_power_while_installing(const Options& options, const std::string& log_dir, Zxid at,
                                Loss loss = Loss::possible) {
  const std::string intent = log_dir + "/quoll.intent";
  for (std::int64_t calls = 0;; ++calls) {
    bool is_done = false;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      SCOPED_TRACE(fmt::format("{} calls, seed {}", calls, seed));
      sim::MemoryDisk disk;
      write_own_history(disk, options, log_dir);
      base::Prng chance(seed * 1000 + static_cast<std::uint64_t>(calls));
      disk.power_off_after(calls);
      is_done = receive_and_install(disk, options, at, loss).has_value();
      disk.cut(chance);
      const bool is_certain = is_done || disk.stat(intent)->has_value();
      for (int cuts = 0; cuts < 3; ++cuts) {
        disk.power_off_after(static_cast<std::int64_t>(chance.below(15)));
        static_cast<void>(start(disk, options));
        disk.cut(chance);
      }
      const Outcome outcome = start(disk, options);
      ASSERT_TRUE(outcome.recovered) << outcome.recovered.error();
      const bool is_new = outcome.target.nodes.contains("/leaders");
      EXPECT_TRUE(is_new || !is_certain);
      EXPECT_EQ(outcome.recovered->last, is_new ? at : Zxid{9});
      EXPECT_EQ(outcome.target.zxids, is_new ? std::vector<std::int64_t>{} : (std::vector<std::int64_t>{7, 8, 9}));
      EXPECT_EQ(outcome.target.nodes.size(), is_new ? 2u : 21u);
      EXPECT_FALSE(disk.stat(intent)->has_value());
      EXPECT_EQ(outcome.recovered->is_suspect, is_new && at < Zxid{9} && loss == Loss::possible);
      ASSERT_TRUE(start(disk, options).recovered);
      for (const std::string& name : names_there(disk, kVersionDir))
        EXPECT_FALSE(name.starts_with("quoll-tmp")) << name;
    }
    if (is_done) break;
  }
}

TEST(InstallPower, a_cut_at_any_call_leaves_the_old_history_or_the_new_one) {
  cut_power_while_installing(small_options(), kVersionDir, kAt);
}

TEST(InstallPower, also_if_the_zxid_is_that_of_an_own_snapshot_and_the_directories_are_two) {
  Options options = small_options();
  options.data_log_dir = "/log";
  cut_power_while_installing(options, "/log/version-2", Zxid{3});
}

TEST(InstallPower, a_cut_leaves_a_complete_history_if_nothing_can_be_lost) {
  cut_power_while_installing(small_options(), kVersionDir, Zxid{3}, Loss::none);
}

}  // namespace
}  // namespace quoll::store
