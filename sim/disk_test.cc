#include "sim/disk.h"

#include <cerrno>
#include <gtest/gtest.h>

namespace quoll::sim {
namespace {

class MemoryDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk.make_directories("/d"));
    ASSERT_TRUE(disk.sync_directory("/"));
  }
  std::unique_ptr<env::File> make(const std::string& path, std::string_view bytes) {
    auto file = disk.open(path, env::OpenMode::create);
    EXPECT_TRUE(file && (*file)->write(0, bytes));
    return std::move(*file);
  }
  bool exists(const std::string& path) { return disk.stat(path)->has_value(); }
  MemoryDisk disk;
};

TEST_F(MemoryDiskTest, a_cut_loses_what_was_not_synced) {
  const auto file = make("/d/f", "durable");
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(disk.sync_directory("/d"));
  ASSERT_TRUE(file->write(0, "changed, longer"));
  EXPECT_EQ(disk.content("/d/f"), "changed, longer");
  disk.cut();
  EXPECT_EQ(disk.content("/d/f"), "durable");
}

TEST_F(MemoryDiskTest, a_synced_file_is_lost_without_its_name) {
  ASSERT_TRUE(make("/d/f", "x")->sync());
  disk.cut();
  EXPECT_FALSE(exists("/d/f"));
  EXPECT_TRUE(exists("/d"));
}

TEST_F(MemoryDiskTest, renames_and_removals_come_back_unless_the_directory_was_synced) {
  disk.put("/d/a", "a");
  disk.put("/d/b", "b");
  ASSERT_TRUE(disk.rename("/d/a", "/d/c"));
  ASSERT_TRUE(disk.remove("/d/b"));
  disk.cut();
  EXPECT_TRUE(exists("/d/a") && exists("/d/b") && !exists("/d/c"));
  ASSERT_TRUE(disk.rename("/d/a", "/d/c"));
  ASSERT_TRUE(disk.remove("/d/b"));
  ASSERT_TRUE(disk.sync_directory("/d"));
  disk.cut();
  EXPECT_TRUE(!exists("/d/a") && !exists("/d/b") && exists("/d/c"));
}

TEST_F(MemoryDiskTest, files_in_a_lost_directory_are_lost) {
  ASSERT_TRUE(disk.make_directories("/d/e"));
  ASSERT_TRUE(make("/d/e/f", "x")->sync());
  ASSERT_TRUE(disk.sync_directory("/d/e"));
  disk.cut();
  EXPECT_FALSE(exists("/d/e/f"));
}

TEST_F(MemoryDiskTest, growing_after_shrinking_shows_zeros) {
  const auto file = make("/d/f", std::string(10000, 'x'));
  ASSERT_TRUE(file->resize(5));
  ASSERT_TRUE(file->resize(9000));
  EXPECT_EQ(disk.content("/d/f"), "xxxxx" + std::string(8995, '\0'));
}

TEST_F(MemoryDiskTest, after_a_failed_sync_a_good_one_saves_nothing_until_the_bytes_are_written_again) {
  disk.put("/d/f", "old");
  const auto file = std::move(*disk.open("/d/f", env::OpenMode::update));
  ASSERT_TRUE(file->write(0, "new"));
  disk.inject({MemoryDisk::Call::sync, "/d/f"});
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(disk.content("/d/f"), "new");
  disk.cut();
  EXPECT_EQ(disk.content("/d/f"), "old");
}

TEST_F(MemoryDiskTest, sectors_survive_one_by_one) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    disk.put("/d/f", std::string(1024, 'o'));
    const auto file = std::move(*disk.open("/d/f", env::OpenMode::update));
    ASSERT_TRUE(file->write(0, std::string(1024, 'n')));
    base::Prng chance(seed);
    disk.cut(chance);
    const std::string after = disk.content("/d/f");
    seen.insert({after[0], after[511], after[512], after[1023]});
  }
  EXPECT_EQ(seen, (std::set<std::string>{"oooo", "oonn", "nnoo", "nnnn"}));
}

TEST_F(MemoryDiskTest, without_power_every_call_fails) {
  const auto file = make("/d/f", "");
  disk.power_off_after(1);
  EXPECT_TRUE(file->write(0, "12345678"));
  EXPECT_FALSE(file->write(8, "12345678"));
  EXPECT_TRUE(disk.is_off());
  EXPECT_FALSE(disk.stat("/d/f"));
  EXPECT_EQ(disk.content("/d/f"), "123456781234") << "half of the write that was hit";
  disk.cut();
  EXPECT_TRUE(disk.stat("/d/f"));
  EXPECT_FALSE(file->write(0, "x")) << "opened before the cut";
}

TEST_F(MemoryDiskTest, a_lock_is_held_once_and_freed_by_a_cut) {
  auto lock = disk.lock("/d/lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(disk.lock("/d/lock").error().code, EWOULDBLOCK);
  disk.cut();
  EXPECT_TRUE(disk.lock("/d/lock"));
}

TEST_F(MemoryDiskTest, one_write_is_misdirected_without_an_error) {
  const auto file = make("/d/f", "");
  disk.put("/d/other", "12345678");
  disk.misdirect_after(1, MemoryDisk::Astray::other_file);
  EXPECT_TRUE(file->write(0, "ab"));
  EXPECT_TRUE(file->write(2, "cd"));
  EXPECT_TRUE(file->write(4, "ef"));
  EXPECT_EQ(disk.content("/d/other"), "12cd5678");
  EXPECT_EQ(disk.content("/d/f"), std::string("ab\0\0ef", 6) + disk.content("/d/f").substr(6));
  EXPECT_TRUE(disk.has_misdirected());
  disk.misdirect_after(0, MemoryDisk::Astray::further_on);
  EXPECT_TRUE(file->write(6, "gh"));
  EXPECT_EQ(disk.content("/d/f").substr(4102, 2), "gh");
}

}  // namespace
}  // namespace quoll::sim
