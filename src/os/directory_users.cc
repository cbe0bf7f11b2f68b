#include "os/directory_users.h"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "os/processes.h"

namespace quoll::os {

namespace {

namespace fs = std::filesystem;

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  auto operator<=>(const FileId&) const = default;
};

std::optional<FileId> id_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileId{info.st_dev, info.st_ino};
}

// The directories and their files by file id, because another process may see them under other paths.
std::map<FileId, std::string> files_of(const std::vector<std::string>& directories) {
  std::map<FileId, std::string> files;
  for (const std::string& directory : directories) {
    if (const auto id = id_of(directory)) files.emplace(*id, directory);
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
      if (const auto id = id_of(at->path())) files.emplace(*id, at->path());
    }
  }
  return files;
}

// /proc/<pid>/fdinfo contains the flags of open(2) in octal.
bool is_for_writing(const std::string& info_path) {
  std::ifstream file(info_path);
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kFlags = "flags:";
    if (!line.starts_with(kFlags)) continue;
    const std::size_t first = line.find_first_of("01234567", kFlags.size());
    unsigned flags = 0;
    if (first != std::string::npos) std::from_chars(line.data() + first, line.data() + line.size(), flags, 8);
    return (flags & O_ACCMODE) != O_RDONLY;
  }
  return true;  // not known
}

// The file that the process has open; one that it writes is preferred.
std::optional<env::DirectoryUser> open_file(const std::string& process, const std::map<FileId, std::string>& files) {
  std::optional<env::DirectoryUser> found;
  std::error_code error;
  for (fs::directory_iterator at(process + "/fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    // Most open files of a server are sockets and pipes, which have no path.
    if (!fs::read_symlink(at->path(), ignored).is_absolute()) continue;
    const auto id = id_of(at->path());
    const auto file = id ? files.find(*id) : files.end();
    if (file == files.end()) continue;
    const bool writes = is_for_writing(process + "/fdinfo/" + at->path().filename().string());
    if (!found || (writes && !found->writes)) found = env::DirectoryUser{{}, file->second, writes};
  }
  return found;
}

std::vector<std::string> arguments_of(const std::string& process) {
  std::ifstream file(process + "/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string one; std::getline(file, one, '\0');) arguments.push_back(one);
  return arguments;
}

// The arguments of an Apache server after its class: a configuration file, or a port and a data directory.
std::vector<std::string> arguments_of_apache(const std::string& process) {
  std::vector<std::string> arguments = arguments_of(process);
  const auto main = std::ranges::find_if(arguments, [](const std::string& each) {
    return each.starts_with("org.apache.zookeeper.server.") &&
           (each.ends_with(".QuorumPeerMain") || each.ends_with(".ZooKeeperServerMain"));
  });
  if (main == arguments.end()) return {};
  arguments.erase(arguments.begin(), main + 1);
  return arguments;
}

// A path as the process sees it. Its root and working directory are readable for its own user and for root.
std::string path_for(const std::string& process, const std::string& path) {
  if (!path.starts_with('/')) return process + "/cwd/" + path;
  const std::string inside = process + "/root" + path;
  return ::access(inside.c_str(), F_OK) == 0 ? inside : path;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The values of dataDir and dataLogDir in a zoo.cfg.
std::vector<std::string> directories_in(const std::string& config_path) {
  constexpr int kLinesMax = 10000;
  std::vector<std::string> found;
  std::ifstream file(config_path);
  int lines = 0;
  for (std::string line; lines < kLinesMax && std::getline(file, line); ++lines) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view key = trimmed(std::string_view(line).substr(0, equals));
    if (key == "dataDir" || key == "dataLogDir") found.emplace_back(trimmed(std::string_view(line).substr(equals + 1)));
  }
  return found;
}

std::optional<env::DirectoryUser> configured(const std::string& process, const std::vector<std::string>& directories) {
  const auto arguments = arguments_of_apache(process);
  if (arguments.empty()) return std::nullopt;
  const bool is_positional = arguments.size() > 1;
  const std::string config = path_for(process, arguments[0]);
  struct stat info{};
  if (!is_positional && (::stat(config.c_str(), &info) != 0 || !S_ISREG(info.st_mode))) return std::nullopt;
  for (const std::string& named : is_positional ? std::vector{arguments[1]} : directories_in(config)) {
    const auto id = id_of(path_for(process, named));
    const bool is_ours = id && std::ranges::any_of(directories, [&](const std::string& each) {
                           return id_of(fs::path(each).parent_path()) == id;
                         });
    if (is_ours) return env::DirectoryUser{{}, is_positional ? named : arguments[0], true};
  }
  return std::nullopt;
}

std::string who_is(pid_t pid) {
  std::string text = description(PortOwner{pid, process_command(pid)});
  const auto ports = listening_ports(pid);
  if (ports.empty()) return text;
  return text + fmt::format(", which listens on {} {}", ports.size() == 1 ? "port" : "ports", fmt::join(ports, ", "));
}

}  // namespace

std::vector<env::DirectoryUser> directory_users(const std::vector<std::string>& directories) {
  std::vector<env::DirectoryUser> users;
  const auto files = files_of(directories);
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    pid_t pid = 0;
    const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc() || stop != name.data() + name.size() || pid == ::getpid()) continue;
    auto user = open_file(at->path().string(), files);
    if (!user || !user->writes) {
      if (auto server = configured(at->path().string(), directories)) user = server;
    }
    if (!user) continue;
    user->who = who_is(pid);
    users.push_back(std::move(*user));
  }
  std::ranges::stable_partition(users, [](const env::DirectoryUser& each) { return each.writes; });
  return users;
}

}  // namespace quoll::os
