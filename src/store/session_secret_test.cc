#include "store/session_secret.h"

#include <gtest/gtest.h>

#include "sim/disk.h"
#include "store/file_names.h"

namespace quoll::store {
namespace {

TEST(SessionSecret, is_generated_once_and_the_same_after_a_power_cut) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories("/data"));
  ASSERT_TRUE(disk.sync_directory("/"));
  int drawn = 0;
  const auto source = [&](std::size_t bytes) { return std::string(bytes, static_cast<char>('a' + drawn++)); };
  EXPECT_EQ(session_secret(disk, "/data", 32, source), std::string(32, 'a'));
  disk.cut();
  EXPECT_EQ(session_secret(disk, "/data", 32, source), std::string(32, 'a'));
  EXPECT_EQ(drawn, 1);
}

TEST(SessionSecret, is_refused_and_kept_if_damaged) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories("/data"));
  const std::string path = "/data/" + std::string(kSessionSecretName);
  disk.put(path, "short");
  EXPECT_FALSE(session_secret(disk, "/data", 32, [](std::size_t bytes) { return std::string(bytes, 'x'); }));
  EXPECT_EQ(disk.content(path), "short");
}

}  // namespace
}  // namespace quoll::store
