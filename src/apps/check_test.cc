// `--check` leaves everything as it was, whatever it finds: files, directories, their times, and the process's
// descriptors, so that a running server's ports and locks are never taken by a check.
#include "apps/check.h"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <netinet/in.h>
#include <sstream>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/command_line.h"
#include "os/files.h"

namespace quoll::apps {
namespace {

namespace fs = std::filesystem;

class Lines : public env::Log {
 public:
  void write(env::Level level, std::string_view line) override {
    if (level == env::Level::error) errors.emplace_back(line);
  }
  [[nodiscard]] bool enabled(env::Level) const override { return true; }
  std::vector<std::string> errors;
};

std::map<int, std::string> open_descriptors() {
  std::map<int, std::string> all;
  // The descriptor of this iteration is closed again.
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const fs::path target = fs::read_symlink(entry.path(), gone);
    if (!gone && !target.string().ends_with("/fd")) all[std::stoi(entry.path().filename().string())] = target.string();
  }
  return all;
}

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    char folder[] = "/tmp/quoll-check-test-XXXXXX";
    root = ::mkdtemp(folder);
    for (const char* const made : {"data", "data/version-2", "log", "log/version-2"}) fs::create_directory(path(made));
    for (const char* const file : {"data/version-2/snapshot.0", "log/version-2/log.1", "log/version-2/quoll.durable"})
      write(file, "anything");
    write("data/version-2/quoll.lock", "");
    write("log/version-2/quoll.lock", "");
  }
  ~CheckTest() override { fs::remove_all(root); }

  [[nodiscard]] std::string path(std::string_view name) const { return root + "/" + std::string(name); }
  void write(std::string_view name, std::string_view text) const { std::ofstream(path(name)) << text; }

  // The content, mode, owner and times of all files and directories. Reading them changes no time but that of the last
  // access, which is left out.
  [[nodiscard]] std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> all;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
      struct stat info{};
      EXPECT_EQ(::lstat(entry.path().c_str(), &info), 0);
      std::ostringstream seen;
      seen << info.st_ino << ' ' << info.st_mode << ' ' << info.st_uid << ' ' << info.st_size << ' '
           << info.st_mtim.tv_sec << '.' << info.st_mtim.tv_nsec << ' ' << info.st_ctim.tv_sec << '.'
           << info.st_ctim.tv_nsec << ' ';
      if (entry.is_regular_file()) seen << std::ifstream(entry.path()).rdbuf();
      all[entry.path().string()] = seen.str();
    }
    return all;
  }

  int check(std::string_view configuration) {
    write("zoo.cfg", configuration);
    const auto line = config::parse_command_line(std::vector{path("zoo.cfg"), std::string("--check")}, {});
    EXPECT_TRUE(line);
    os::PosixDisk disk;
    const auto read = read_configuration(*line, {}, disk);
    EXPECT_TRUE(read);
    const auto files = everything();
    const auto descriptors = open_descriptors();
    const int code = check_start(*read, {}, log);
    EXPECT_EQ(everything(), files);
    EXPECT_EQ(open_descriptors(), descriptors);
    return code;
  }
  [[nodiscard]] std::string directories() const {
    return "dataDir=" + path("data") + "\ndataLogDir=" + path("log") + "\n";
  }

  std::string root;
  Lines log;
};

// A port of this machine on which nobody listens.
int free_port(const int socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), bytes), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &bytes), 0);
  return ntohs(address.sin_port);
}

TEST_F(CheckTest, of_a_good_configuration_changes_nothing_and_closes_everything) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int port = free_port(socket);
  ::close(socket);
  const std::string stores = QUOLL_SOURCE_DIR "/src/tls/testdata";
  check(directories() + "clientPortAddress=127.0.0.1\nclientPort=" + std::to_string(port) +
        "\nsecureClientPortAddress=127.0.0.1\nsecureClientPort=" + std::to_string(port) +
        "\nssl.clientAuth=none\nssl.keyStore.location=" + stores + "/server.pem\nquoll.log.file=" + path("quoll.log") +
        "\n");
}

TEST_F(CheckTest, of_missing_directories_makes_none) {
  EXPECT_NE(check("clientPort=0\ndataDir=" + path("new/data") + "\n"), 3);
  EXPECT_FALSE(fs::exists(path("new")));
}

TEST_F(CheckTest, of_directories_without_a_lock_file_makes_none) {
  fs::remove(path("data/version-2/quoll.lock"));
  check(directories() + "clientPort=0\n");
  EXPECT_FALSE(fs::exists(path("data/version-2/quoll.lock")));
}

TEST_F(CheckTest, of_a_configuration_with_many_mistakes_changes_nothing_and_closes_everything) {
  const int holder = ::open(path("data/version-2/quoll.lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(holder, LOCK_EX | LOCK_NB), 0);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int port = free_port(socket);
  ASSERT_EQ(::listen(socket, 1), 0);
  write("broken.pem", "nothing");
  EXPECT_EQ(check(directories() + "tickTime=often\nclientPortAddress=127.0.0.1\nclientPort=" + std::to_string(port) +
                  "\nsecureClientPort=0\nssl.clientAuth=none\nssl.keyStore.location=" + path("broken.pem") +
                  "\nquoll.log.file=/no/folder/quoll.log\n"),
            2);
  EXPECT_GE(log.errors.size(), 5U) << "the time of a tick, the lock, the store, the port, the log file";
  // The lock is still held by its holder.
  const int other = ::open(path("data/version-2/quoll.lock").c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_NE(::flock(other, LOCK_EX | LOCK_NB), 0);
  for (const int fd : {holder, socket, other}) ::close(fd);
}

}  // namespace
}  // namespace quoll::apps
