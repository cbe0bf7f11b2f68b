#include "apps/text_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "os/files.h"

namespace quoll::apps {
namespace {

class TextFile : public ::testing::Test {
 protected:
  TextFile() {
    char folder[] = "/tmp/quoll-apps-test-XXXXXX";
    root = ::mkdtemp(folder);
  }
  ~TextFile() override { std::filesystem::remove_all(root); }
  std::string written(std::size_t bytes) const {
    std::ofstream(root + "/file") << std::string(bytes, '#');
    return root + "/file";
  }
  std::string refusal(const std::string& path) {
    const auto text = read_text_file(disk, path);
    return text ? fmt::format("{} bytes", text->size()) : text.error();
  }

  std::string root;
  os::PosixDisk disk;
};

TEST_F(TextFile, is_read_up_to_a_megabyte) {
  EXPECT_EQ(refusal(written(0)), "0 bytes");
  EXPECT_EQ(refusal(written(kTextFileBytesMax)), "1048576 bytes");
  EXPECT_EQ(refusal(written(kTextFileBytesMax + 1)),
            root + "/file is longer than the 1048576 bytes that are read; is it the right file?");
  // A sparse file is refused without reading all of it.
  const std::string path = written(0);
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  EXPECT_TRUE(refusal(path).contains("is longer than the 1048576 bytes")) << refusal(path);
}

TEST_F(TextFile, anything_but_a_regular_file_is_refused_immediately_by_its_kind) {
  ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
  EXPECT_TRUE(refusal(root + "/pipe").ends_with("it is a pipe, not a file"));
  EXPECT_TRUE(refusal("/dev/zero").ends_with("it is a device, not a file"));
  EXPECT_TRUE(refusal(root).ends_with("it is a directory, not a file"));
  EXPECT_TRUE(refusal(root + "/absent").ends_with("No such file or directory"));
}

}  // namespace
}  // namespace quoll::apps
