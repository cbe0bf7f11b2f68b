// quoll.archiveDir of a running server: what is purged is archived, and an archive that fails stops nothing.
#include "server/archiver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

#include "server/test_support.h"

namespace quoll::server {
namespace {

constexpr std::int64_t kPurgeMs = 600'000;

class ArchiverTest : public ::testing::Test {
 public:
  ArchiverTest() {
    s.options.snapshots.count = 20;
    s.options.snapshots.purge_interval_ms = kPurgeMs;
    s.options.snapshots.purge_retain = 3;
    s.options.snapshots.archive_dir = "/archive";
  }
  void create_some() {
    sim::Client& client = s.connected();
    for (int i = 0; i < 200; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", ++made_)), Error::ok);
    s.world.run_for(1000);
  }
  std::set<std::string> files(const std::string& directory) {
    std::set<std::string> names;
    const auto entries = s.world.disk.list(directory);
    for (const env::DirectoryEntry& entry : *entries) {
      if (entry.name.starts_with("log.") || entry.name.starts_with("snapshot.")) names.insert(entry.name);
    }
    return names;
  }
  ServerWorld s;

 private:
  int made_ = 0;
};

TEST_F(ArchiverTest, everything_that_is_purged_is_in_the_archive) {
  ASSERT_TRUE(s.world.disk.make_directories("/archive"));
  ASSERT_TRUE(s.start());
  create_some();
  const std::set<std::string> before = files("/data/version-2");
  s.world.run_for(kPurgeMs + 1000);
  const std::set<std::string> left = files("/data/version-2");
  const std::set<std::string> archived = files("/archive");
  EXPECT_LT(left.size(), before.size()) << "it has purged";
  for (const std::string& name : before) EXPECT_TRUE(left.contains(name) || archived.contains(name)) << name;
  EXPECT_TRUE(archived.contains("snapshot.0"));
  EXPECT_TRUE(archived.contains("log.1"));
}

TEST_F(ArchiverTest, while_the_archive_is_missing_or_full_clients_are_served_and_nothing_is_purged) {
  ASSERT_TRUE(s.start());
  create_some();
  const std::set<std::string> before = files("/data/version-2");
  s.world.run_for(kPurgeMs + 1000);
  for (const std::string& name : before) EXPECT_TRUE(files("/data/version-2").contains(name)) << name;
  EXPECT_TRUE(s.world.log.has("cannot be archived in /archive"));
  EXPECT_TRUE(s.world.log.has("are not purged: they are not in quoll.archiveDir yet"));

  ASSERT_TRUE(s.world.disk.make_directories("/archive"));
  s.world.disk.inject({.call = sim::MemoryDisk::Call::write, .path_part = "/archive", .code = ENOSPC, .times = 20});
  create_some();
  s.world.run_for(100'000);
  EXPECT_LT(files("/archive").size(), before.size());
  s.world.disk.clear_faults();
  s.world.run_for(kPurgeMs + 1000);
  EXPECT_TRUE(s.world.log.has("/archive takes files again"));
  EXPECT_FALSE(files("/data/version-2").contains("log.1"));
  for (const std::string& name : before)
    EXPECT_TRUE(files("/data/version-2").contains(name) || files("/archive").contains(name)) << name;
}

TEST_F(ArchiverTest, a_server_that_stops_while_it_archives_starts_again) {
  ASSERT_TRUE(s.world.disk.make_directories("/archive"));
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(s.start());
    create_some();
    s.world.disk.power_off_after(10 + 7 * round);
    s.world.run_for(20'000);
    s.kill();
  }
  ASSERT_TRUE(s.start());
  s.world.run_for(30'000);
  EXPECT_TRUE(files("/archive").contains("log.1"));
  EXPECT_TRUE(s.has_node("/n1"));
}

}  // namespace
}  // namespace quoll::server
