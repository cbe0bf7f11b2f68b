// What is put into an archive, and when; on a disk without links, so that files are copied.
#include "store/archive.h"

#include "store/test_support.h"

namespace quoll::store {
namespace {

using namespace testing;

const std::string kArchive = "/archive";

class ArchiveTest : public ::testing::Test {
 public:
  ArchiveTest() {
    EXPECT_TRUE(disk.make_directories(kVersionDir));
    EXPECT_TRUE(disk.make_directories(kArchive));
    put("snapshot.0", "first");
    put("log.1", std::string(3'000'000, 'a'));
    put("snapshot.10", "second");
    put("log.11", "b");
    put("log.21", "the newest");
    put("log-1.cut-20261129T215012Z", "cut off");
  }
  void put(const std::string& name, const std::string& text, const std::string& directory = kVersionDir) {
    auto file = disk.open(directory + "/" + name, env::OpenMode::create);
    ASSERT_TRUE(file && (*file)->write(0, text) && (*file)->resize(static_cast<std::int64_t>(text.size())));
  }
  std::string get(const std::string& name) {
    auto file = disk.open(kArchive + "/" + name, env::OpenMode::read);
    if (!file) return "none";
    std::string text(static_cast<std::size_t>((*file)->size().value()), '\0');
    EXPECT_TRUE((*file)->read(0, text));
    return text;
  }
  Archived archive(std::int64_t committed) {
    const auto dirs = DataDirs::look(disk, small_options());
    EXPECT_TRUE(dirs);
    return archive_files(*dirs, kArchive, Zxid{committed});
  }
  using Names = std::vector<std::string>;

  sim::MemoryDisk disk;
};

TEST_F(ArchiveTest, closed_logs_and_snapshots_are_added_once_the_oldest_first) {
  const Archived first = archive(0x21);
  EXPECT_FALSE(first.error);
  EXPECT_EQ(first.names, (Names{"snapshot.0", "log.1", "snapshot.10", "log.11"}));
  EXPECT_EQ(get("log.1"), std::string(3'000'000, 'a'));
  EXPECT_EQ(get("snapshot.10"), "second");
  EXPECT_EQ(get("log.21"), "none");
  EXPECT_TRUE(archive(0x21).names.empty());
}

TEST_F(ArchiveTest, a_log_waits_until_all_of_it_is_committed) {
  EXPECT_EQ(archive(0x20).names, (Names{"snapshot.0", "log.1", "snapshot.10"})) << "the leader may yet cut 0x21 off";
  EXPECT_EQ(archive(0x21).names, Names{"log.11"});
}

TEST_F(ArchiveTest, one_that_is_missing_or_full_is_an_error_and_harms_nothing) {
  disk.inject({.call = sim::MemoryDisk::Call::write, .path_part = kArchive, .code = ENOSPC, .skip = 2, .times = 1});
  const Archived full = archive(0x21);
  ASSERT_TRUE(full.error);
  EXPECT_TRUE(env::is_out_of_space(*full.error)) << full.error->text;
  EXPECT_EQ(full.names, Names{"snapshot.0"});
  EXPECT_EQ(get("log.1"), "none") << "no part of it";
  EXPECT_EQ(get("quoll-tmp.archive.log.1"), "none");
  EXPECT_EQ(archive(0x21).names, (Names{"log.1", "snapshot.10", "log.11"})) << "when there is room again";
  const auto dirs = DataDirs::look(disk, small_options());
  EXPECT_TRUE(archive_files(*dirs, "/not-mounted", Zxid{0x21}).error);
}

TEST_F(ArchiveTest, what_a_crash_left_is_made_anew) {
  put("quoll-tmp.archive.log.1", "half of it", kArchive);
  put("snapshot.0", "fir", kArchive);
  EXPECT_FALSE(archive(0x21).error);
  EXPECT_EQ(get("log.1"), std::string(3'000'000, 'a'));
  EXPECT_EQ(get("snapshot.0"), "first");
}

TEST_F(ArchiveTest, a_file_is_archived_if_it_is_there_with_its_whole_size) {
  EXPECT_EQ(is_archived(disk, kArchive, kVersionDir + "/log.1"), false);
  EXPECT_FALSE(archive(0x21).error);
  EXPECT_EQ(is_archived(disk, kArchive, kVersionDir + "/log.1"), true);
  put("log.1", "short", kArchive);
  EXPECT_EQ(is_archived(disk, kArchive, kVersionDir + "/log.1"), false);
  EXPECT_FALSE(belongs_into_archive(kVersionDir + "/log-1.cut-20261129T215012Z"));
}

}  // namespace
}  // namespace quoll::store
