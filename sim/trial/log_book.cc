#include "sim/trial/log_book.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "store/log_format.h"
#include "types/txn.h"
#include "wire/jute.h"

namespace quoll::sim {

namespace {
constexpr std::size_t kHeadBytes = 12;  // checksum and length
}  // namespace

std::size_t read_entries(std::string_view bytes, std::size_t at,
                         const std::function<void(std::int64_t zxid, std::string_view txn)>& visit) {
  while (at + kHeadBytes < bytes.size()) {
    std::int32_t length = 0;
    wire::Reader(bytes.substr(at + 8, 4)).get(length);
    if (length <= 0) break;
    const std::size_t end = at + kHeadBytes + static_cast<std::size_t>(length);
    if (end + 1 > bytes.size() || bytes[end] != 'B') break;
    const std::string_view txn = bytes.substr(at + kHeadBytes, static_cast<std::size_t>(length));
    // A torn tail that was cut off can come back after a power failure if the fsync of the cut failed. It is still
    // torn.
    std::int64_t checksum = 0;
    wire::Reader(bytes.substr(at, 8)).get(checksum);
    if (checksum != store::adler32_of(txn)) break;
    TxnHeader header;
    wire::Reader(txn).get(header);
    visit(header.zxid, txn);
    at = end + 1;
  }
  return at;
}

void LogBook::take_file(std::string_view bytes) {
  read_entries(bytes, kEntriesAt, [&](std::int64_t zxid, std::string_view txn) {
    const auto [there, is_new] = entries_.emplace(zxid, txn);
    if (is_new || there->second == txn) return;
    if (zxid <= settled_)
      findings.push_back(fmt::format("VD3 history: zxid {} was settled, but now has another transaction", zxid));
    there->second = txn;
  });
}

void LogBook::take_directory(MemoryDisk& disk, const std::string& directory) {
  const auto files = disk.list(directory);
  if (!files) return;
  for (const auto& file : *files) {
    if (file.name.starts_with("log.")) take_file(disk.content(directory + "/" + file.name));
  }
}

void LogBook::settle(std::int64_t zxid) {
  if (zxid < settled_)
    findings.push_back(fmt::format("VD1 durability: history was settled up to {}, but now ends at {}", settled_, zxid));
  entries_.erase(entries_.upper_bound(zxid), entries_.end());
  settled_ = zxid;
}

std::vector<std::int64_t> zxids_of_files(MemoryDisk& disk, const std::string& directory, std::string_view prefix) {
  std::vector<std::int64_t> zxids;
  const auto files = disk.list(directory);
  if (!files) return zxids;
  for (const auto& file : *files) {
    if (!file.name.starts_with(prefix)) continue;
    std::int64_t zxid = 0;
    const char* const end = file.name.data() + file.name.size();
    const auto [stop, error] = std::from_chars(file.name.data() + prefix.size(), end, zxid, 16);
    if (error == std::errc() && stop == end) zxids.push_back(zxid);
  }
  std::sort(zxids.begin(), zxids.end());
  return zxids;
}

}  // namespace quoll::sim
