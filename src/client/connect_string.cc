#include "client/connect_string.h"

#include <charconv>
#include <fmt/format.h>

#include "types/path.h"

namespace quoll::client {

namespace {

std::expected<std::uint16_t, std::string> port_of(std::string_view text, std::string_view server) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return std::unexpected(fmt::format("\"{}\" is no port (1 to 65535), in the server \"{}\"", text, server));
  return port;
}

std::expected<Endpoint, std::string> server_of(std::string_view text) {
  if (text.empty()) return std::unexpected("a server's name is empty; write host:port,host:port");
  Endpoint endpoint;
  std::string_view port;
  if (text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::unexpected(fmt::format("\"{}\" has no ']'", text));
    endpoint.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return std::unexpected(fmt::format("\"{}\" has no ':' after ']'", text));
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos && text.find(':') == colon) {
    endpoint.host = text.substr(0, colon);
    port = text.substr(colon);
  } else {
    endpoint.host = text;  // a name, or an IPv6 address without a port
  }
  if (endpoint.host.empty()) return std::unexpected(fmt::format("\"{}\" has no host", text));
  if (port.empty()) return endpoint;
  const auto number = port_of(port.substr(1), text);
  if (!number) return std::unexpected(number.error());
  endpoint.port = *number;
  return endpoint;
}

}  // namespace

std::expected<ConnectString, std::string> parse_connect_string(std::string_view text) {
  ConnectString result;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view chroot = text.substr(slash);
    if (const auto reason = path::invalid_reason(chroot); !reason.empty())
      return std::unexpected(fmt::format("the chroot \"{}\" is no path: {}", chroot, reason));
    if (chroot != "/") result.chroot = chroot;
    text = text.substr(0, slash);
  }
  while (true) {
    const auto comma = text.find(',');
    auto one = text.substr(0, comma);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    auto server = server_of(one);
    if (!server) return std::unexpected(server.error());
    result.servers.push_back(std::move(*server));
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace quoll::client
