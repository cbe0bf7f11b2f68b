#include "client/connect_string.h"

#include <gtest/gtest.h>

#include "client/client.h"

namespace quoll::client {
namespace {

TEST(ConnectString, servers_ports_and_chroot) {
  const auto read = parse_connect_string("a:1, b ,[::1]:3,fe80::1/app/x");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->servers, (std::vector<Endpoint>{{"a", 1}, {"b", 2181}, {"::1", 3}, {"fe80::1", 2181}}));
  EXPECT_EQ(read->chroot, "/app/x");
  EXPECT_EQ(parse_connect_string("a/")->chroot, "");
}

TEST(ConnectString, mistakes_are_named) {
  for (const char* const text : {"", "a,,b", "a:x", "a:0", "a:70000", ":1", "[::1", "[::1]x", "a/app/", "a//b"})
    EXPECT_FALSE(parse_connect_string(text)) << text;
  EXPECT_EQ(parse_connect_string("a:x").error(), "\"x\" is no port (1 to 65535), in the server \"a:x\"");
}

TEST(PathTrouble, speaks_as_apache) {
  EXPECT_EQ(path_trouble("/a/b"), "");
  EXPECT_EQ(path_trouble("/"), "");
  EXPECT_EQ(path_trouble(""), "Path length must be > 0");
  EXPECT_EQ(path_trouble("a"), "Path must start with / character");
  EXPECT_EQ(path_trouble("/a/"), "Path must not end with / character");
  EXPECT_EQ(path_trouble("/a//b"), "Invalid path string \"/a//b\" caused by empty node name specified @3");
  EXPECT_EQ(path_trouble("/a/../b"), "Invalid path string \"/a/../b\" caused by relative paths not allowed @4");
  EXPECT_NE(path_trouble("/a/."), "");
  EXPECT_NE(path_trouble("/a\x01"), "");
}

}  // namespace
}  // namespace quoll::client
