#include "sim/ensemble/member_log.h"

#include <algorithm>
#include <charconv>

#include "sim/trial/log_book.h"

namespace quoll::sim {

void MemberLog::refresh() {
  constexpr std::string_view kLog = "log.";
  constexpr std::string_view kSnapshot = "snapshot.";
  snapshot_ = 0;
  for (const std::string& name : disk_.durable_names(snapshot_directory_)) {
    if (!name.starts_with(kSnapshot)) continue;
    std::int64_t zxid = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kSnapshot.size(), end, zxid, 16);
    if (error == std::errc() && stop == end) snapshot_ = std::max(snapshot_, zxid);
  }
  for (const std::string& name : disk_.durable_names(log_directory_)) {
    if (!name.starts_with(kLog)) continue;
    std::size_t& at = read_.try_emplace(name, kEntriesAt).first->second;
    const std::string rest = disk_.durable_content(log_directory_ + "/" + name, static_cast<std::int64_t>(at));
    at += read_entries(rest, 0, [&](std::int64_t zxid, std::string_view txn) { entries_[zxid] = txn; });
  }
}

void MemberLog::forget() {
  read_.clear();
  entries_.clear();
}

std::int64_t MemberLog::last() const {
  return std::max(snapshot_, entries_.empty() ? 0 : entries_.rbegin()->first);
}

}  // namespace quoll::sim
