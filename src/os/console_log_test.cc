// The log's formats; logging never blocks.
#include "os/console_log.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace quoll::os {
namespace {

class ConsoleLogTest : public ::testing::Test {
 protected:
  ConsoleLogTest() {
    char folder[] = "/tmp/quoll-os-test-XXXXXX";
    root = ::mkdtemp(folder);
  }
  ~ConsoleLogTest() override { std::filesystem::remove_all(root); }
  [[nodiscard]] std::string path() const { return root + "/quoll.log"; }
  static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // The line as written in a format.
  std::string written(LogFormat format, env::Level level, std::string_view line) {
    std::filesystem::remove(path());
    {
      ConsoleLog log(env::Level::trace);
      log.set_format(format);
      EXPECT_TRUE(log.use_file(path()));
      log.write(level, line);
    }
    return content(path());
  }

  std::string root;
};

TEST_F(ConsoleLogTest, text_lines_have_a_time_with_its_zone) {
  const std::regex form(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}[+-]\d\d:\d\d \[warning\] a "quoted" line\n)");
  const std::string line = written(LogFormat::text, env::Level::warn, "a \"quoted\" line");
  EXPECT_TRUE(std::regex_match(line, form)) << line;
}

TEST_F(ConsoleLogTest, json_lines_are_objects_whatever_is_in_the_message) {
  const std::string line = written(LogFormat::json, env::Level::info, "a \"quoted\" \\ line\twith\nmore");
  const std::regex form(
      R"x(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d","level":"info","message":"(.*)"\}\n)x");
  std::smatch parts;
  ASSERT_TRUE(std::regex_match(line, parts, form)) << line;
  EXPECT_EQ(parts[1], R"(a \"quoted\" \\ line\u0009with more)");
  EXPECT_TRUE(written(LogFormat::json, env::Level::info, "no UTF-8: \xff").contains("no UTF-8: \xef\xbf\xbd\"}"));
}

// The lines match the grok patterns that people use for Apache's server.
TEST_F(ConsoleLogTest, log4j_lines_have_apaches_layout) {
  const std::regex form(
      R"((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \[myid:(.*)\] - (TRACE|DEBUG|INFO |WARN |ERROR) \[(.*):(.*)@(\d+)\] - (.*)\n)");
  for (const auto& [level, name] : {std::pair{env::Level::info, "INFO "}, std::pair{env::Level::error, "ERROR"}}) {
    const std::string line = written(LogFormat::log4j, level, "message");
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(line, parts, form)) << line;
    EXPECT_EQ(parts[3], name);
    EXPECT_EQ(parts[7], "message");
  }
}

TEST_F(ConsoleLogTest, a_log_file_is_private_and_reopened_after_a_rotation) {
  const mode_t before = ::umask(0);
  ConsoleLog log(env::Level::info);
  ASSERT_TRUE(log.use_file(path()));
  ::umask(before);
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  std::filesystem::rename(path(), path() + ".1");
  log.reopen();
  log.info("after the rotation");
  EXPECT_FALSE(log.use_file(root + "/absent/quoll.log"));
  while (!content(path()).contains("after the rotation")) std::this_thread::yield();
  EXPECT_EQ(content(path() + ".1"), "");
}

TEST_F(ConsoleLogTest, lines_below_the_level_are_not_written_and_the_level_may_change) {
  {
    ConsoleLog log(env::Level::info);
    ASSERT_TRUE(log.use_file(path()));
    log.debug("early");
    log.set_level(env::Level::debug);
    log.debug("late");
  }
  EXPECT_FALSE(content(path()).contains("early"));
  EXPECT_TRUE(content(path()).contains("late"));
}

TEST_F(ConsoleLogTest, an_unread_pipe_blocks_nobody_and_missing_lines_are_reported) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::string got;
  {
    ConsoleLog log(env::Level::debug, ends[1]);
    const std::string filler(4000, 'x');
    // Four times the capacity of the queue: without a reader all calls must return.
    const std::size_t count = 4 * LogQueue::kBytesMax / filler.size();
    for (std::size_t i = 0; i < count; ++i) log.debug("{}", filler);
    EXPECT_GT(log.dropped(), static_cast<std::int64_t>(count / 2));
    EXPECT_LT(log.dropped(), static_cast<std::int64_t>(count));
    // The reader continues.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    char buffer[65536];
    while (!got.contains("lines are missing here")) {
      const ssize_t read = ::read(ends[0], buffer, sizeof buffer);
      if (read > 0) got.append(buffer, static_cast<std::size_t>(read));
      ASSERT_LT(got.size(), 4 * LogQueue::kBytesMax);
      log.debug("now");
    }
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(ConsoleLogTest, the_end_does_not_wait_for_a_blocked_pipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  {
    ConsoleLog log(env::Level::debug, ends[1]);
    for (int i = 0; i < 1000; ++i) log.debug("{}", std::string(4000, 'x'));
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(ConsoleLogTest, a_closed_or_full_output_blocks_nobody) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  for (const int descriptor : {full, ends[1], 999}) {
    ConsoleLog log(env::Level::info, descriptor);
    log.info("nobody will read this");
    while (log.dropped() == 0) std::this_thread::yield();
    EXPECT_EQ(log.dropped(), 1);
  }
  ::close(full);
  ::close(ends[1]);
}

}  // namespace
}  // namespace quoll::os
