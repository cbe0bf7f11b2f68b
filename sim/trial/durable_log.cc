#include "sim/trial/durable_log.h"

#include <algorithm>
#include <charconv>

namespace quoll::sim {

namespace {

std::int64_t zxid_of(std::string_view digits) {
  std::int64_t zxid = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), zxid, 16);
  return error == std::errc() && stop == digits.data() + digits.size() ? zxid : 0;
}

}  // namespace

std::int64_t DurableLog::last() {
  constexpr std::string_view kLog = "log.";
  constexpr std::string_view kSnapshot = "snapshot.";
  std::int64_t newest = 0;
  for (const std::string& name : disk_.durable_names(snapshot_directory_)) {
    if (name.starts_with(kSnapshot))
      newest = std::max(newest, zxid_of(std::string_view(name).substr(kSnapshot.size())));
  }
  for (const std::string& name : disk_.durable_names(log_directory_)) {
    if (!name.starts_with(kLog)) continue;
    Read& read = read_[name];
    const std::string rest = disk_.durable_content(log_directory_ + "/" + name, static_cast<std::int64_t>(read.bytes));
    read.bytes += read_entries(rest, 0, [&](std::int64_t zxid, std::string_view) { read.last = zxid; });
    newest = std::max(newest, read.last);
  }
  return newest;
}

}  // namespace quoll::sim
