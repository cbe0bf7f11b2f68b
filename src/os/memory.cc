#include "os/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace quoll::os {

namespace {

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

// kNone if the file does not exist or contains "max".
std::int64_t number_in(const std::string& file) {
  std::ifstream stream(file);
  std::int64_t number = 0;
  return stream >> number ? number : kNone;
}

std::int64_t of_machine(const std::string& root) {
  std::ifstream stream(root + "/proc/meminfo");
  std::string word;
  while (stream >> word) {
    std::int64_t kib = 0;
    if (word == "MemTotal:" && stream >> kib) return kib * 1024;
  }
  return kNone;
}

// The smallest limit of a group and its ancestors, since each of them applies.
std::int64_t smallest_limit(const std::string& top, std::string group, const char* file) {
  std::int64_t least = kNone;
  for (;; group.resize(group.rfind('/'))) {
    while (group.ends_with('/')) group.pop_back();
    least = std::min(least, number_in(top + group + "/" + file));
    if (group.empty()) return least;
  }
}

// Parses /proc/self/cgroup: "0::/group" in version 2, "4:memory:/group" in version 1.
std::int64_t of_control_group(const std::string& root) {
  std::ifstream stream(root + "/proc/self/cgroup");
  std::string line;
  std::int64_t least = kNone;
  while (std::getline(stream, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (!group.starts_with('/')) continue;
    if (controllers.empty()) {
      for (const char* const file : {"memory.max", "memory.high"})
        least = std::min(least, smallest_limit(root + "/sys/fs/cgroup", group, file));
    }
    if (controllers == "memory")
      least = std::min(least, smallest_limit(root + "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

std::int64_t of_process() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNone;
  return static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(kNone)));
}

// Resident pages, from /proc/self/statm.
std::int64_t resident_bytes() {
  std::ifstream stream("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  return stream >> all >> resident ? resident * ::sysconf(_SC_PAGESIZE) : 0;
}

}  // namespace

std::int64_t memory_used_bytes(std::int64_t limit) {
  const std::int64_t resident = resident_bytes();
  if (resident <= limit) return resident;
  // It looks at every free piece of the heap, so it is not asked before it matters. Another allocator leaves it empty.
  const struct mallinfo2 heap = ::mallinfo2();
  const auto in_use = static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
  return in_use > 0 ? std::min(resident, in_use) : resident;
}

std::int64_t memory_bytes(const std::string& root) {
  return std::min({of_machine(root), of_control_group(root), of_process()});
}

}  // namespace quoll::os
