// What the system may do with a call on a file: less than was asked, an interruption, nothing at all, an error in the
// middle. The calls of this program are answered here instead of by the C library.
#include "os/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// How many of so many bytes the next call takes; negative: minus an errno. Empty: all of them.
std::function<long(std::size_t bytes)> g_taken;

// False: the call has failed.
bool limit(std::size_t& bytes) {
  const long taken = g_taken ? g_taken(bytes) : static_cast<long>(bytes);
  if (taken < 0) errno = static_cast<int>(-taken);
  bytes = std::min(bytes, static_cast<std::size_t>(std::max(0L, taken)));
  return taken >= 0;
}

}  // namespace

extern "C" ssize_t pread(int fd, void* out, std::size_t bytes, off_t offset) {
  return limit(bytes) ? syscall(SYS_pread64, fd, out, bytes, offset) : -1;
}
extern "C" ssize_t pwrite(int fd, const void* in, std::size_t bytes, off_t offset) {
  return limit(bytes) ? syscall(SYS_pwrite64, fd, in, bytes, offset) : -1;
}

namespace quoll::os {
namespace {

class PosixFileTest : public ::testing::Test {
 protected:
  PosixFileTest() {
    char folder[] = "/tmp/quoll-os-test-XXXXXX";
    path_ = std::string(::mkdtemp(folder)) + "/file";
    file = std::move(*disk_.open(path_, env::OpenMode::create));
  }
  ~PosixFileTest() override {
    g_taken = nullptr;
    file.reset();
    std::ignore = disk_.remove(path_);
    ::rmdir(path_.substr(0, path_.rfind('/')).c_str());
  }
  std::string content() {
    g_taken = nullptr;
    std::string out(static_cast<std::size_t>(*file->size()), '\0');
    EXPECT_EQ(file->read(0, out), out.size());
    return out;
  }

  std::unique_ptr<env::File> file;
  const std::string bytes = "0123456789abcdefghij";
  int calls = 0;

 private:
  PosixDisk disk_;
  std::string path_;
};

TEST_F(PosixFileTest, short_writes_go_on_where_they_ended) {
  g_taken = [&](std::size_t) { return ++calls % 2 == 0 ? -EINTR : 3; };
  ASSERT_TRUE(file->write(5, bytes));
  EXPECT_EQ(calls, 13);
  EXPECT_EQ(content(), std::string(5, '\0') + bytes);
}

TEST_F(PosixFileTest, short_reads_go_on_until_the_end_of_the_file) {
  ASSERT_TRUE(file->write(0, bytes));
  std::string out(bytes.size() + 10, '.');
  g_taken = [&](std::size_t) { return ++calls % 2 == 0 ? -EINTR : 3; };
  EXPECT_EQ(file->read(0, out), bytes.size());
  EXPECT_EQ(out, bytes + "..........");
}

TEST_F(PosixFileTest, an_error_behind_a_short_write_is_told) {
  g_taken = [&](std::size_t) { return ++calls == 1 ? 7 : -ENOSPC; };
  const auto written = file->write(0, bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOSPC);
  EXPECT_EQ(content(), bytes.substr(0, 7));
}

TEST_F(PosixFileTest, a_write_that_takes_nothing_is_an_error_and_not_tried_for_ever) {
  g_taken = [&](std::size_t) { return ++calls > 1000 ? -ENOSPC : 0; };
  const auto written = file->write(0, bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, EIO);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace quoll::os
