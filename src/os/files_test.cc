// What the system may do with a call on a file: less than was asked, an interruption, nothing at all, an error in the
// middle; and what some file systems do not offer. The calls of this program are answered here instead of by the C
// library.
#include "os/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// How many bytes the next call transfers, given how many were requested; negative: -errno. Empty: all of them.
std::function<long(std::size_t bytes)> g_taken;

// What fsync, flock and fcntl's locks answer: 0, they do as ever; else they fail with this errno.
int g_fsync = 0;
int g_flock = 0;
int g_ofd_lock = 0;
int g_record_lock = 0;

int refused(int error) {
  errno = error;
  return -1;
}

// False: the call fails.
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
extern "C" int fsync(int fd) {
  return g_fsync != 0 ? refused(g_fsync) : static_cast<int>(syscall(SYS_fsync, fd));
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // a struct of the same name
extern "C" int flock(int fd, int operation) {
  return g_flock != 0 ? refused(g_flock) : static_cast<int>(syscall(SYS_flock, fd, operation));
}
#pragma GCC diagnostic pop
extern "C" int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_OFD_SETLK && g_ofd_lock != 0) return refused(g_ofd_lock);
  if (command == F_SETLK && g_record_lock != 0) return refused(g_record_lock);
  return static_cast<int>(syscall(SYS_fcntl, fd, command, argument));
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

TEST_F(PosixFileTest, short_writes_are_continued) {
  g_taken = [&](std::size_t) { return ++calls % 2 == 0 ? -EINTR : 3; };
  ASSERT_TRUE(file->write(5, bytes));
  EXPECT_EQ(calls, 13);
  EXPECT_EQ(content(), std::string(5, '\0') + bytes);
}

TEST_F(PosixFileTest, short_reads_are_continued_to_the_end_of_the_file) {
  ASSERT_TRUE(file->write(0, bytes));
  std::string out(bytes.size() + 10, '.');
  g_taken = [&](std::size_t) { return ++calls % 2 == 0 ? -EINTR : 3; };
  EXPECT_EQ(file->read(0, out), bytes.size());
  EXPECT_EQ(out, bytes + "..........");
}

TEST_F(PosixFileTest, an_error_after_a_short_write_is_reported) {
  g_taken = [&](std::size_t) { return ++calls == 1 ? 7 : -ENOSPC; };
  const auto written = file->write(0, bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOSPC);
  EXPECT_EQ(content(), bytes.substr(0, 7));
}

TEST_F(PosixFileTest, a_write_of_zero_bytes_is_an_error_and_not_retried_forever) {
  g_taken = [&](std::size_t) { return ++calls > 1000 ? -ENOSPC : 0; };
  const auto written = file->write(0, bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, EIO);
  EXPECT_EQ(calls, 1);
}

struct NotedLog : env::Log {
  void write(env::Level level, std::string_view line) override {
    if (level == env::Level::warn) warnings.emplace_back(line);
  }
  [[nodiscard]] bool enabled(env::Level) const override { return true; }
  std::vector<std::string> warnings;
};

class PosixDiskTest : public ::testing::Test {
 protected:
  PosixDiskTest() {
    char folder[] = "/tmp/quoll-os-test-XXXXXX";
    root = ::mkdtemp(folder);
  }
  ~PosixDiskTest() override {
    g_fsync = g_flock = g_ofd_lock = g_record_lock = 0;
    std::filesystem::remove_all(root);
  }
  static int mode_of(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return static_cast<int>(info.st_mode & 07777);
  }

  std::string root;
  NotedLog log;
};

TEST_F(PosixDiskTest, files_and_directories_are_closed_to_strangers_whatever_the_umask) {
  PosixDisk disk(log);
  struct Row {
    mode_t umask;
    int file;
    int directory;
  };
  for (const Row row : {Row{0, 0640, 0750}, Row{022, 0640, 0750}, Row{077, 0600, 0700}}) {
    const mode_t before = ::umask(row.umask);
    const std::string folder = root + "/" + std::to_string(row.umask) + "/version-2";
    ASSERT_TRUE(disk.make_directories(folder));
    ASSERT_TRUE(disk.open(folder + "/log.1", env::OpenMode::create));
    ASSERT_TRUE(disk.open(folder + "/log.2", env::OpenMode::create_new));
    ASSERT_TRUE(disk.lock(folder + "/lock"));
    ::umask(before);
    EXPECT_EQ(mode_of(folder), row.directory);
    EXPECT_EQ(mode_of(folder.substr(0, folder.rfind('/'))), row.directory);
    for (const char* const name : {"/log.1", "/log.2", "/lock"}) EXPECT_EQ(mode_of(folder + name), row.file) << name;
  }
}

TEST_F(PosixDiskTest, only_files_are_opened_and_nothing_waits_for_a_pipe) {
  PosixDisk disk;
  ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
  const auto refusal = [&](const std::string& path) {
    const auto opened = disk.open(path, env::OpenMode::read);
    return opened ? "opened" : opened.error().text;
  };
  EXPECT_EQ(refusal(root + "/pipe"), "cannot open " + root + "/pipe: it is a pipe, not a file");
  EXPECT_EQ(refusal("/dev/zero"), "cannot open /dev/zero: it is a device, not a file");
  EXPECT_EQ(refusal(root), "cannot open " + root + ": it is a directory, not a file");
}

TEST_F(PosixDiskTest, where_directories_cannot_be_synced_a_warning_says_once_what_is_not_promised) {
  for (const int error : {EINVAL, EOPNOTSUPP, ENOSYS}) {
    g_fsync = error;
    log.warnings.clear();
    PosixDisk disk(log);
    EXPECT_TRUE(disk.sync_directory(root));
    EXPECT_TRUE(disk.sync_directory(root));
    ASSERT_EQ(log.warnings.size(), 1U);
    EXPECT_TRUE(log.warnings[0].starts_with(root + " is on a file system that cannot fsync a directory"))
        << log.warnings[0];
    PosixDisk strict;
    const auto refused = strict.sync_directory(root);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error);
  }
}

TEST_F(PosixDiskTest, a_directory_whose_fsync_fails_for_another_reason_is_an_error) {
  PosixDisk disk(log);
  for (const int error : {EIO, ENOSPC, EROFS, EDQUOT}) {
    g_fsync = error;
    const auto refused = disk.sync_directory(root);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error);
  }
  EXPECT_TRUE(log.warnings.empty());
}

TEST_F(PosixDiskTest, a_directory_is_held_by_one_where_there_is_any_kind_of_lock) {
  PosixDisk disk(log);
  for (const int error : {0, ENOLCK, EOPNOTSUPP, EINVAL, ENOSYS}) {
    g_flock = error;
    auto held = disk.lock(root + "/lock");
    ASSERT_TRUE(held) << held.error().text;
    const auto second = disk.lock(root + "/lock");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EWOULDBLOCK);
    held->reset();
    EXPECT_TRUE(disk.lock(root + "/lock"));
  }
  g_flock = g_ofd_lock = EINVAL;
  EXPECT_TRUE(disk.lock(root + "/lock"));
  EXPECT_TRUE(log.warnings.empty());
}

TEST_F(PosixDiskTest, a_record_lock_of_another_process_is_seen) {
  g_flock = ENOLCK;
  g_ofd_lock = EINVAL;
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    PosixDisk disk;
    const auto held = disk.lock(root + "/lock");
    char byte = held ? 'y' : 'n';
    std::ignore = ::write(ready[1], &byte, 1);
    std::ignore = ::read(done[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  PosixDisk disk;
  const auto second = disk.lock(root + "/lock");
  ASSERT_EQ(::write(done[1], &byte, 1), 1);
  ::waitpid(child, nullptr, 0);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EWOULDBLOCK);
}

TEST_F(PosixDiskTest, without_any_lock_it_goes_on_with_a_warning_unless_it_must_not) {
  g_flock = g_ofd_lock = g_record_lock = ENOLCK;
  PosixDisk disk(log);
  EXPECT_TRUE(disk.lock(root + "/lock"));
  ASSERT_EQ(log.warnings.size(), 1U);
  EXPECT_TRUE(log.warnings[0].contains("cannot be locked")) << log.warnings[0];
  PosixDisk strict;
  EXPECT_FALSE(strict.lock(root + "/lock"));
  g_flock = EIO;
  EXPECT_FALSE(disk.lock(root + "/lock"));
}

}  // namespace
}  // namespace quoll::os
