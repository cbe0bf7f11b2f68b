#include "os/service_manager.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "os/descriptor.h"

namespace quoll::os {

std::expected<void, std::string> notify_service_manager(const std::string& socket, std::string_view state) {
  if (socket.empty()) return {};
  sockaddr_un to{};
  if ((socket[0] != '/' && socket[0] != '@') || socket.size() >= sizeof(to.sun_path))
    return std::unexpected(fmt::format("NOTIFY_SOCKET is no path of a socket: {}", socket));
  to.sun_family = AF_UNIX;
  std::ranges::copy(socket, to.sun_path);
  if (socket[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());
  const Descriptor from(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool sent = from.get() >= 0 && ::sendto(from.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                                reinterpret_cast<const sockaddr*>(&to), size) >= 0;
  if (!sent) return std::unexpected(fmt::format("{} (NOTIFY_SOCKET): {}", socket, std::strerror(errno)));
  return {};
}

}  // namespace quoll::os
