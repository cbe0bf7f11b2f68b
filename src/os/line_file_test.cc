#include "os/line_file.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

#include "os/console_log.h"
#include "os/loop.h"

namespace quoll::os {
namespace {

class LineFileTest : public ::testing::Test {
 public:
  LineFileTest() : folder(std::filesystem::temp_directory_path() / fmt::format("quoll-lines-{}", ::getpid())) {
    std::filesystem::create_directories(folder);
  }
  ~LineFileTest() override { std::filesystem::remove_all(folder); }
  static std::string text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  std::filesystem::path folder;
  std::string path = folder / "audit.log";
  Loop loop;
  ConsoleLog log{env::Level::error};
};

TEST_F(LineFileTest, lines_are_appended_in_order_and_the_end_writes_what_waits) {
  {
    LineFile file(loop, log, path);
    ASSERT_TRUE(file.open());
    for (int i = 0; i < 100; ++i) file.write(fmt::format("line {}", i));
  }
  const std::string all = text(path);
  EXPECT_TRUE(all.starts_with("line 0\nline 1\n"));
  EXPECT_TRUE(all.ends_with("line 99\n"));
}

TEST_F(LineFileTest, lines_beyond_the_limit_are_counted_in_the_file) {
  {
    LineFile file(loop, log, path, 20);
    ASSERT_TRUE(file.open());
    file.write("written at once");
    for (int i = 0; i < 5; ++i) file.write("0123456789");  // one of them fits while the first is written
    auto timer = loop.after(200, [&] { loop.stop(); });
    loop.run();
    file.write("after");
  }
  EXPECT_EQ(text(path), "written at once\n0123456789\n4 lines are missing here: the disk was too slow\nafter\n");
}

TEST_F(LineFileTest, a_renamed_file_is_followed_by_a_new_one) {
  {
    LineFile file(loop, log, path);
    ASSERT_TRUE(file.open());
    file.write("old");
    auto first = loop.after(100, [&] {
      std::filesystem::rename(path, path + ".1");
      file.reopen();
      file.write("new");
      loop.stop();
    });
    loop.run();
    auto second = loop.after(100, [&] { loop.stop(); });
    loop.run();
  }
  EXPECT_EQ(text(path + ".1"), "old\n");
  EXPECT_EQ(text(path), "new\n");
}

TEST_F(LineFileTest, a_file_that_cannot_be_made_is_an_error_for_people) {
  LineFile file(loop, log, folder / "no" / "such");
  const auto opened = file.open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().ends_with("Make its folder, and give it to the user of the server"));
}

}  // namespace
}  // namespace quoll::os
