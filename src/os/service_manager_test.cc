#include "os/service_manager.h"

#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/descriptor.h"

namespace quoll::os {
namespace {

// A socket as a service manager has it. `name` is a path, or begins with "@".
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    name.copy(at.sun_path, sizeof(at.sun_path));
    if (name[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), size), 0) << name;
  }
  // A datagram is there as soon as it was sent.
  [[nodiscard]] std::string heard() const {
    char buffer[100];
    const auto bytes = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    return bytes < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(bytes));
  }

 private:
  Descriptor socket_;
};

TEST(ServiceManagerTest, a_state_reaches_a_socket_with_a_path) {
  const std::string path = std::filesystem::temp_directory_path() / fmt::format("quoll-notify-{}", ::getpid());
  {
    const Manager manager(path);
    EXPECT_TRUE(notify_service_manager(path, "READY=1"));
    EXPECT_EQ(manager.heard(), "READY=1");
    EXPECT_TRUE(notify_service_manager("", "READY=1"));
    EXPECT_EQ(manager.heard(), "nothing");
  }
  std::filesystem::remove(path);
}

TEST(ServiceManagerTest, a_state_reaches_an_abstract_socket) {
  const std::string name = fmt::format("@quoll-notify-{}", ::getpid());
  const Manager manager(name);
  EXPECT_TRUE(notify_service_manager(name, "STOPPING=1"));
  EXPECT_EQ(manager.heard(), "STOPPING=1");
}

TEST(ServiceManagerTest, a_socket_that_is_not_there_or_no_path_is_an_error_that_names_it) {
  EXPECT_EQ(notify_service_manager("/nowhere/notify", "READY=1").error(),
            "/nowhere/notify (NOTIFY_SOCKET): No such file or directory");
  EXPECT_EQ(notify_service_manager("vsock:2:1", "READY=1").error(), "NOTIFY_SOCKET is no path of a socket: vsock:2:1");
  EXPECT_FALSE(notify_service_manager("/" + std::string(200, 'x'), "READY=1"));
}

}  // namespace
}  // namespace quoll::os
