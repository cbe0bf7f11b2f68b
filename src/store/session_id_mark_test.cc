#include "store/session_id_mark.h"

#include <gtest/gtest.h>

#include "sim/disk.h"
#include "store/file_names.h"

namespace quoll::store {
namespace {

TEST(SessionIdMark, is_the_same_after_a_power_cut) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories("/data"));
  ASSERT_TRUE(disk.sync_directory("/"));
  EXPECT_FALSE(read_session_id_mark(disk, "/data")->end);
  for (const std::int64_t end : {INT64_MIN, std::int64_t{-2}, std::int64_t{7}, INT64_MAX}) {
    ASSERT_TRUE(write_session_id_mark(disk, "/data", SessionId{end}));
    disk.cut();
    const auto read = read_session_id_mark(disk, "/data");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->end, SessionId{end});
    EXPECT_EQ(read->report, "");
  }
}

TEST(SessionIdMark, which_is_no_number_is_reported) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories("/data"));
  for (const std::string_view text : {"", "\n", "12x", "0x12", "99999999999999999999"}) {
    disk.put("/data/" + std::string(kSessionIdsName), text);
    const auto read = read_session_id_mark(disk, "/data");
    ASSERT_TRUE(read) << text;
    EXPECT_FALSE(read->end) << text;
    EXPECT_NE(read->report.find(kSessionIdsName), std::string::npos) << text;
  }
}

TEST(SessionIdMark, which_cannot_be_read_is_an_error) {
  sim::MemoryDisk disk;
  ASSERT_TRUE(disk.make_directories("/data"));
  disk.put("/data/" + std::string(kSessionIdsName), "12");
  disk.inject({.call = sim::MemoryDisk::Call::read, .path_part = std::string(kSessionIdsName)});
  EXPECT_FALSE(read_session_id_mark(disk, "/data"));
}

}  // namespace
}  // namespace quoll::store
