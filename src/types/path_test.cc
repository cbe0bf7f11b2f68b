#include "types/path.h"

#include <gtest/gtest.h>

namespace quoll::path {
namespace {

TEST(Path, valid_paths_are_accepted) {
  for (const char* path : {"/", "/a", "/a/b", "/a.b", "/a..b", "/...", "/.a", "/\xc3\xa9", "/a b"})
    EXPECT_TRUE(is_valid(path)) << path;
}

TEST(Path, paths_that_pathutils_refuses_are_refused) {
  using namespace std::string_view_literals;
  for (auto path :
       {""sv, "a"sv, "/a/"sv, "//"sv, "/a//b"sv, "/."sv, "/.."sv, "/a/./b"sv, "/a/../b"sv, "/a/."sv, "/a\0b"sv,
        "/\x01"sv, "/\x7f"sv, "/\xc2\x80"sv, "/\xee\x80\x80"sv, "/\xef\xbf\xb0"sv, "/\xff"sv, "/\xf0\x9f\x98\x80"sv}) {
    EXPECT_FALSE(is_valid(path)) << path;
  }
}

TEST(Path, is_below_root_accepts_what_a_tree_can_hold) {
  for (const char* path : {"/a", "/a/b", "/.", "/a//b"}) EXPECT_TRUE(is_below_root(path)) << path;
  for (const char* path : {"", "/", "//", "//x", "/a/", "a", "a/b"}) EXPECT_FALSE(is_below_root(path)) << path;
}

TEST(Path, parts_of_a_path) {
  EXPECT_EQ(parent("/a/b"), "/a");
  EXPECT_EQ(parent("/a"), "");
  EXPECT_EQ(name("/a/b"), "b");
  EXPECT_EQ(top_namespace("/a/b/c"), "a");
  EXPECT_EQ(top_namespace("/"), "");
}

}  // namespace
}  // namespace quoll::path
