#include "apps/facts.h"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "apps/version.h"

namespace quoll::apps {

namespace {

namespace fs = std::filesystem;

std::function<std::int64_t()> bytes_in(const std::string& directory, env::Disk& disk) {
  return [directory, &disk] {
    std::int64_t bytes = 0;
    const auto entries = disk.list(directory);
    if (!entries) return bytes;
    for (const env::DirectoryEntry& entry : *entries) {
      if (!entry.is_directory && !entry.name.starts_with("quoll.")) bytes += entry.bytes;
    }
    return bytes;
  };
}

std::int64_t open_files() {
  std::error_code ignored;
  return std::distance(fs::directory_iterator("/proc/self/fd", ignored), fs::directory_iterator());
}

std::int64_t open_files_max() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::int64_t>(limit.rlim_cur);
}

// A value in kilobytes from a /proc file, such as "VmRSS:" or "MemTotal:".
std::int64_t kilobytes(const char* file, std::string_view name) {
  std::ifstream stream(file);
  std::string word;
  while (stream >> word) {
    std::int64_t value = 0;
    if (word == name && stream >> value) return value;
  }
  return 0;
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

admin::Facts::Environment environment_lines() {
  utsname machine{};
  ::uname(&machine);
  const passwd* const user = ::getpwuid(::getuid());
  std::error_code ignored;
  const std::string program = fs::read_symlink("/proc/self/exe", ignored).string();
  const std::string no_jvm = fmt::format("none (Quoll {}, a native program)", kVersion);
  const auto megabytes = [](std::int64_t kb) { return fmt::format("{}MB", kb / 1024); };
  return {{"host.name", machine.nodename},
          {"java.version", no_jvm},
          {"java.vendor", "none"},
          {"java.home", "none"},
          {"java.class.path", program},
          {"java.library.path", "none"},
          {"java.io.tmpdir", fs::temp_directory_path(ignored).string()},
          {"java.compiler", "none"},
          {"os.name", machine.sysname},
          {"os.arch", std::string_view(machine.machine) == "x86_64" ? "amd64" : machine.machine},
          {"os.version", machine.release},
          {"user.name", user != nullptr ? user->pw_name : ""},
          {"user.home", user != nullptr ? user->pw_dir : ""},
          {"user.dir", fs::current_path(ignored).string()},
          {"os.memory.free", megabytes(kilobytes("/proc/meminfo", "MemAvailable:"))},
          {"os.memory.max", megabytes(kilobytes("/proc/meminfo", "MemTotal:"))},
          {"os.memory.total", megabytes(kilobytes("/proc/self/status", "VmRSS:"))}};
}

}  // namespace

std::string version_directory(const std::string& directory) {
  std::error_code ignored;
  return fs::absolute(fs::path(directory) / "version-2", ignored).lexically_normal().string();
}

admin::Facts process_facts(const config::Settings& settings, env::Disk& disk) {
  admin::Facts facts;
  facts.version = fmt::format("{}-quoll-{}, built on {}", kApacheVersion, kVersion, kBuiltOn);
  facts.snapshot_dir = version_directory(settings.storage.data_dir);
  facts.log_dir = version_directory(settings.storage.data_log_dir);
  facts.snapshot_dir_bytes = bytes_in(facts.snapshot_dir, disk);
  facts.log_dir_bytes = bytes_in(facts.log_dir, disk);
  if (settings.network.client) facts.port_roles.push_back(admin::PortRole::plain);
  if (settings.network.secure_client) facts.port_roles.push_back(admin::PortRole::secure);
  facts.environment = &environment_lines;
  facts.memory_bytes = [] { return kilobytes("/proc/self/status", "VmRSS:") * 1024; };
  facts.virtual_memory_bytes = [] { return kilobytes("/proc/self/status", "VmSize:") * 1024; };
  facts.cpu_seconds = &cpu_seconds;
  const auto began = std::chrono::system_clock::now().time_since_epoch();
  facts.start_time_seconds = [seconds = std::chrono::duration<double>(began).count()] { return seconds; };
  facts.open_files = &open_files;
  facts.open_files_max = &open_files_max;
  return facts;
}

}  // namespace quoll::apps
