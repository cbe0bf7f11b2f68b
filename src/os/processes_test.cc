// Who listens on a port, and how a process is named for people.
#include "os/processes.h"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace quoll::os {
namespace {

// A socket on a free port of the loopback.
struct BoundSocket {
  BoundSocket() : fd(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(at);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), bytes), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &bytes), 0);
    port = ::ntohs(at.sin_port);
  }
  ~BoundSocket() { ::close(fd); }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;
  int fd;
  std::uint16_t port = 0;
};

// A program under a name and with arguments of our choice; it waits on a pipe until the end of the test.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int started[2];
    EXPECT_EQ(::pipe2(started, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe(input_), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input_[0], STDIN_FILENO);
      ::close(input_[1]);
      std::vector<char*> words;
      words.reserve(arguments.size() + 1);
      for (std::string& one : arguments) words.push_back(one.data());
      words.push_back(nullptr);
      ::execv("/bin/sh", words.data());
      ::_exit(127);
    }
    ::close(started[1]);
    char none = 0;
    EXPECT_EQ(::read(started[0], &none, 1), 0) << "the pipe closes when the program is loaded";
    ::close(started[0]);
  }
  ~Program() {
    ::close(input_[0]);
    ::close(input_[1]);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int input_[2] = {};
};

TEST(Processes, the_process_listening_on_a_port_is_found) {
  const BoundSocket socket;
  EXPECT_FALSE(port_owner(socket.port)) << "bound, but it does not listen";
  ASSERT_EQ(::listen(socket.fd, 1), 0);
  const auto owner = port_owner(socket.port);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->pid, ::getpid());
  EXPECT_TRUE(owner->command.starts_with("os_test")) << owner->command;
}

TEST(Processes, a_java_server_is_named_by_its_class_and_file) {
  // sh -s reads its program from standard input, and takes what follows for that program's arguments.
  const Program program({"/usr/bin/java", "-s", "-cp", "/usr/share/a.jar:/b.jar",
                         "-Dzookeeper.ssl.keyStore.password=hunter2",
                         "org.apache.zookeeper.server.quorum.QuorumPeerMain", "/etc/zoo.cfg"});
  EXPECT_EQ(process_command(program.pid()), "java \xe2\x80\xa6 QuorumPeerMain /etc/zoo.cfg");
}

TEST(Processes, control_characters_of_a_command_do_not_reach_the_log) {
  const Program program({"x", "-s", "a\x1b[31m", "a whole\nprogram"});
  EXPECT_EQ(process_command(program.pid()), "x \xe2\x80\xa6 a\\x1b[31m \xe2\x80\xa6");
}

TEST(Processes, a_process_that_does_not_exist_has_no_command) {
  EXPECT_EQ(process_command(0x7fffffff), "");
  EXPECT_EQ(description({711, "java QuorumPeerMain"}), "pid 711 (java QuorumPeerMain)");
  EXPECT_EQ(description({}), "another process, which this user may not look into (as root: ss -ltnp)");
}

}  // namespace
}  // namespace quoll::os
