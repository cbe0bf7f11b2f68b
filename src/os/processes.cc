#include "os/processes.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "base/utf8.h"

namespace quoll::os {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCommandBytesMax = 120;
constexpr std::string_view kOmitted = "\xe2\x80\xa6";  // an ellipsis

std::vector<std::string> arguments_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string one; std::getline(file, one, '\0');) arguments.push_back(one);
  return arguments;
}

// The part after the last slash, or after the last dot of a Java class name.
std::string_view short_name(std::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

// The listening sockets, named as the links in /proc/<pid>/fd name them, and their ports. A line of /proc/net/tcp:
//   sl  local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
void add_listening(const char* table, std::map<std::string, std::uint16_t>& ports) {
  constexpr std::string_view kListen = "0A";
  std::ifstream file(table);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    const std::vector<std::string> columns{std::istream_iterator<std::string>(words), {}};
    if (columns.size() < 10 || columns[3] != kListen) continue;
    const std::string_view local = columns[1];
    const std::string_view digits = local.substr(local.rfind(':') + 1);
    std::uint16_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    ports.emplace(fmt::format("socket:[{}]", columns[9]), value);
  }
}

std::map<std::string, std::uint16_t> listening_sockets() {
  std::map<std::string, std::uint16_t> ports;
  add_listening("/proc/net/tcp", ports);
  add_listening("/proc/net/tcp6", ports);
  return ports;
}

bool has_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (sockets.contains(fs::read_symlink(at->path(), ignored).string())) return true;
  }
  return false;
}

}  // namespace

std::optional<PortOwner> port_owner(std::uint16_t port) {
  std::set<std::string> sockets;
  for (const auto& [socket, its_port] : listening_sockets()) {
    if (its_port == port) sockets.insert(socket);
  }
  if (sockets.empty()) return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    pid_t pid = 0;
    const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc() || stop != name.data() + name.size()) continue;
    if (has_one_of(at->path(), sockets)) return PortOwner{pid, process_command(pid)};
  }
  return PortOwner{};
}

std::vector<std::uint16_t> listening_ports(pid_t pid) {
  const auto sockets = listening_sockets();
  std::set<std::uint16_t> ports;
  std::error_code error;
  for (fs::directory_iterator at(fmt::format("/proc/{}/fd", pid), error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    const auto socket = sockets.find(fs::read_symlink(at->path(), ignored).string());
    if (socket != sockets.end()) ports.insert(socket->second);
  }
  return {ports.begin(), ports.end()};
}

std::string process_command(pid_t pid) {
  const auto arguments = arguments_of(pid);
  if (arguments.empty()) return {};
  std::string text(short_name(arguments[0]));
  bool omitted = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with('-') || argument.empty() || argument.contains('\n')) {
      if (argument == "-cp" || argument == "-classpath" || argument == "--class-path") ++i;
      if (!omitted) text += fmt::format(" {}", kOmitted);
      omitted = true;
    } else {
      text +=
          fmt::format(" {}", argument.starts_with("org.apache.") ? argument.substr(argument.rfind('.') + 1) : argument);
      omitted = false;
    }
  }
  return base::escaped(text, kCommandBytesMax);
}

std::string description(const PortOwner& owner) {
  if (owner.pid == 0) return "another process, which this user may not look into (as root: ss -ltnp)";
  return fmt::format("pid {} ({})", owner.pid, owner.command.empty() ? "it is ending" : owner.command);
}

}  // namespace quoll::os
