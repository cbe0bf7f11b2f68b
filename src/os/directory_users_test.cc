#include "os/directory_users.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quoll::os {
namespace {

namespace fs = std::filesystem;

// Another process: it opens a file, or calls itself something else, and then waits.
class Neighbour {
 public:
  Neighbour(const std::string& path, int flags, std::vector<std::string> arguments = {}) {
    int ready[2];
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe(input_), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input_[0], STDIN_FILENO);
      ::close(input_[0]);
      ::close(input_[1]);
      if (!path.empty() && ::open(path.c_str(), flags) < 0) ::_exit(1);
      if (arguments.empty()) {
        ::close(ready[1]);
        ::pause();
      }
      std::vector<char*> words;
      for (std::string& one : arguments) words.push_back(one.data());
      words.push_back(nullptr);
      ::execv("/bin/sh", words.data());
      ::_exit(127);
    }
    ::close(ready[1]);
    char none = 0;
    EXPECT_EQ(::read(ready[0], &none, 1), 0) << "the pipe closes when it is ready";
    ::close(ready[0]);
  }
  ~Neighbour() {
    ::close(input_[0]);
    ::close(input_[1]);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  [[nodiscard]] std::string pid() const { return "pid " + std::to_string(pid_); }

 private:
  pid_t pid_ = 0;
  int input_[2] = {};
};

class DirectoryUsersTest : public ::testing::Test {
 protected:
  DirectoryUsersTest() : data(fs::temp_directory_path() / ("quoll_users_" + std::to_string(::getpid()))) {
    fs::create_directories(data / "version-2");
    std::ofstream(log()) << "ZKLG";
  }
  ~DirectoryUsersTest() override { fs::remove_all(data); }
  [[nodiscard]] std::string directory() const { return (data / "version-2").string(); }
  [[nodiscard]] std::string log() const { return (data / "version-2" / "log.1").string(); }
  [[nodiscard]] std::vector<env::DirectoryUser> users() const { return directory_users({directory()}); }
  fs::path data;
};

TEST_F(DirectoryUsersTest, nobody_uses_a_directory_but_ourselves) {
  const std::ofstream own(log(), std::ios::app);
  EXPECT_TRUE(users().empty());
  EXPECT_TRUE(directory_users({"/nowhere/version-2"}).empty());
}

TEST_F(DirectoryUsersTest, a_process_that_writes_a_log_is_found_even_under_another_path) {
  const fs::path link = data / "link";
  fs::create_directory_symlink(directory(), link);
  const Neighbour neighbour((link / "log.1").string(), O_WRONLY | O_APPEND);
  const auto found = users();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].writes);
  EXPECT_EQ(found[0].path, log());
  EXPECT_TRUE(found[0].who.starts_with(neighbour.pid() + " (os_test")) << found[0].who;
}

TEST_F(DirectoryUsersTest, one_that_only_reads_a_file_or_holds_the_directory_is_told_apart) {
  const Neighbour reader(log(), O_RDONLY);
  const Neighbour holder(directory(), O_RDONLY | O_DIRECTORY);
  const auto found = users();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].writes);
  EXPECT_FALSE(found[1].writes);
}

TEST_F(DirectoryUsersTest, writers_come_first) {
  const Neighbour reader(log(), O_RDONLY);
  const Neighbour writer(log(), O_RDWR);
  const auto found = users();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].who.starts_with(writer.pid())) << found[0].who;
}

// It has opened no log before its first write.
TEST_F(DirectoryUsersTest, an_apache_server_is_found_by_its_configuration) {
  const std::string config = (data / "zoo.cfg").string();
  const std::vector<std::string> apache{"/usr/bin/java", "-s", "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                                        config};
  {
    std::ofstream(config) << "tickTime=2000\n dataDir = /somewhere/else\nclientPort=2181\n";
    const Neighbour other("", 0, apache);
    EXPECT_TRUE(users().empty());
  }
  std::ofstream(config) << "tickTime=2000\n dataDir = " << data.string() << "/\nclientPort=2181\n";
  const Neighbour neighbour("", 0, apache);
  const auto found = users();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].writes);
  EXPECT_EQ(found[0].path, config);
  EXPECT_TRUE(found[0].who.starts_with(neighbour.pid() + " (java")) << found[0].who;
}

TEST_F(DirectoryUsersTest, an_apache_server_is_found_by_its_arguments) {
  const Neighbour neighbour(
      "", 0, {"/usr/bin/java", "-s", "org.apache.zookeeper.server.ZooKeeperServerMain", "2181", data.string()});
  ASSERT_EQ(users().size(), 1u);
  EXPECT_EQ(users()[0].path, data.string());
}

}  // namespace
}  // namespace quoll::os
