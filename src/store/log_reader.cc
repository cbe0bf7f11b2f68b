#include "store/log_reader.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/log_format.h"
#include "wire/jute.h"
#include "wire/txn_record.h"

namespace quoll::store {

namespace {

constexpr std::int32_t kEntryBytesMax = INT32_MAX - 64;

std::uint64_t hex(std::int64_t zxid) { return static_cast<std::uint64_t>(zxid); }

struct Head {
  std::int64_t checksum = 0;
  std::int32_t length = 0;
};

Head head_of(std::string_view bytes) {
  Head head;
  wire::Reader reader(bytes);
  reader.get(head.checksum);
  reader.get(head.length);
  return head;
}

bool is_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

// A whole entry at the front of `bytes`, or nothing.
std::optional<std::string_view> entry_at(std::string_view bytes) {
  if (bytes.size() < kEntryHeadBytes) return std::nullopt;
  const Head head = head_of(bytes);
  if (head.length <= 0 || head.length > kEntryBytesMax) return std::nullopt;
  const auto length = static_cast<std::size_t>(head.length);
  if (bytes.size() < kEntryHeadBytes + length + 1 || bytes[kEntryHeadBytes + length] != kEntryEnd) return std::nullopt;
  const std::string_view txn = bytes.substr(kEntryHeadBytes, length);
  if (static_cast<std::int64_t>(adler32_of(txn)) != head.checksum) return std::nullopt;
  return txn;
}

}  // namespace

std::vector<StoreFile> logs_after(std::vector<StoreFile> logs, Zxid after) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (logs[i].zxid <= after.next()) first = i;
  }
  logs.erase(logs.begin(), logs.begin() + static_cast<std::ptrdiff_t>(first));
  return logs;
}

LogReader::LogReader(env::Disk& disk, std::vector<StoreFile> files, Zxid from, std::optional<DurableMark> mark, Reports& reports)
    : disk_(disk), files_(std::move(files)), from_(from), mark_(mark), reports_(reports) {
  for (const StoreFile& file : files_) bytes_total_ += file.bytes;
}

Damage LogReader::damage(std::int64_t offset, std::string_view what) const {
  const std::string last = last_zxid_ ? fmt::format("0x{:x}", hex(*last_zxid_)) : "none in these files";
  return Damage{fmt::format(
      "The transaction log {} is damaged at offset {}: {}. The last good transaction is {}. What follows was acknowledged to clients, so the "
      "server does not start without it. Restore the file from a backup or another copy; if the loss is acceptable, move this log and the later "
      "ones out of the directory and start again",
      file().path, offset, what, last)};
}

std::expected<bool, Damage> LogReader::open_next() {
  while (next_file_ < files_.size()) {
    bytes_done_ += source_ ? source_->position() : 0;
    source_.reset();
    ++next_file_;
    auto opened = disk_.open(file().path, env::OpenMode::read);
    if (!opened) return std::unexpected(unreadable(opened.error()));
    source_ = std::make_unique<BufferedSource>(std::make_unique<FileSource>(std::move(*opened), 0));
    entry_bytes_ = 0;
    const auto head = source_->peek(kLogHeaderBytes);
    if (!head) return std::unexpected(unreadable(head.error()));
    if (head->substr(0, kLogHeaderBytes) != std::string_view(log_header())) {
      const bool torn = head->size() < kLogHeaderBytes || is_zero(head->substr(0, kLogHeaderBytes));
      const bool durable = mark_ && mark_->log == file().zxid;
      if (!torn || !is_newest() || durable) return std::unexpected(damage(0, "the file header is missing or not a log's"));
      // A file that was being made when the power went: nothing in it was ever acknowledged.
      if (const auto removed = disk_.remove(file().path); !removed) return std::unexpected(unreadable(removed.error()));
      reports_.push_back(fmt::format("Removed {}: it was being made when the server stopped and holds no transaction", file().path));
      source_.reset();
      files_.pop_back();
      --next_file_;
      return false;
    }
    source_->skip(kLogHeaderBytes);
    return true;
  }
  return false;
}

bool LogReader::valid_entry_follows(std::int64_t offset) const {
  constexpr std::size_t kLookBytes = std::size_t{64} << 20;
  const auto opened = disk_.open(file().path, env::OpenMode::read);
  if (!opened) return true;
  std::string bytes(kLookBytes, '\0');
  const auto got = (*opened)->read(offset + 1, bytes);
  if (!got) return true;
  const std::string_view rest = std::string_view(bytes).substr(0, *got);
  for (std::size_t at = rest.find_first_not_of('\0'); at != std::string_view::npos && at < rest.size(); ++at) {
    // An entry starts with the upper, zero half of its checksum; its first non-zero byte lies a little behind its start.
    if (at >= 4 && entry_at(rest.substr(at - 4)).has_value()) return true;
  }
  return false;
}

// Zeros where an entry should be: the end of the file's content, unless something real is known or seen to follow.
std::expected<LogReader::Found, Damage> LogReader::padding(std::int64_t offset) {
  const bool is_marked = mark_ && mark_->log == file().zxid;
  if (is_marked && offset < mark_->offset) return std::unexpected(damage(offset, "a run of zeros lies where acknowledged transactions were"));
  if (!mark_ && is_newest() && valid_entry_follows(offset)) {
    return std::unexpected(damage(offset, "a run of zeros lies between good transactions"));
  }
  return Found::end;
}

std::expected<LogReader::Found, Damage> LogReader::cut(std::int64_t offset, std::string_view what) {
  auto opened = disk_.open(file().path, env::OpenMode::update);
  if (!opened) return std::unexpected(unreadable(opened.error()));
  if (auto done = (*opened)->resize(offset); !done) return std::unexpected(unreadable(done.error()));
  if (auto done = (*opened)->sync(); !done) return std::unexpected(unreadable(done.error()));
  reports_.push_back(fmt::format("Cut the torn end off {} at offset {} ({}): it was being written when the server stopped and was never acknowledged",
                                 file().path, offset, what));
  return Found::end;
}

std::expected<LogReader::Found, Damage> LogReader::bad_entry(std::int64_t offset, std::string_view what) {
  if (!is_newest()) return std::unexpected(damage(offset, what));
  if (mark_ && mark_->log == file().zxid) {
    if (offset < mark_->offset) return std::unexpected(damage(offset, what));
    return cut(offset, what);
  }
  // No mark of ours speaks of this file. Written by us it never got as far as its first flush; written by Apache's server, a good entry
  // behind a bad one means that more than the tail is hurt.
  if (!mark_ && valid_entry_follows(offset)) return std::unexpected(damage(offset, what));
  return cut(offset, what);
}

std::expected<LogReader::Found, Damage> LogReader::read_entry(LogEntry& entry) {
  source_->skip(entry_bytes_);
  entry_bytes_ = 0;
  const std::int64_t offset = source_->position();
  auto bytes = source_->peek(kEntryHeadBytes);
  if (!bytes) return std::unexpected(unreadable(bytes.error()));
  if (bytes->empty()) return padding(offset);
  if (bytes->size() < kEntryHeadBytes) return is_zero(*bytes) ? padding(offset) : bad_entry(offset, "an entry is cut short");
  const Head head = head_of(*bytes);
  if (head.length == 0 && head.checksum == 0) return padding(offset);
  if (head.length <= 0 || head.length > kEntryBytesMax) return bad_entry(offset, "an entry's length makes no sense");
  const std::size_t whole = kEntryHeadBytes + static_cast<std::size_t>(head.length) + 1;
  bytes = source_->peek(whole);
  if (!bytes) return std::unexpected(unreadable(bytes.error()));
  if (bytes->size() < whole) return bad_entry(offset, "an entry is cut short");
  const auto txn = entry_at(bytes->substr(0, whole));
  if (!txn) return bad_entry(offset, "an entry's checksum or end mark is wrong");
  const auto header = wire::decode_txn_header(*txn);
  if (!header) return bad_entry(offset, "an entry is shorter than a transaction's header");
  entry.header = *header;
  entry.bytes = *txn;
  entry_bytes_ = whole;
  return Found::entry;
}

std::expected<void, Damage> LogReader::check_order(const TxnHeader& header, std::int64_t offset, bool& skip) {
  skip = false;
  if (last_zxid_) {
    // Apache's server logs an error under the zxid before it when a request could not be read.
    if (header.zxid == *last_zxid_ && header.type == static_cast<std::int32_t>(OpCode::error)) {
      skip = true;
      return {};
    }
    const Zxid last{*last_zxid_};
    const Zxid zxid{header.zxid};
    const bool follows = zxid == last.next() || (zxid > last && zxid.epoch() != last.epoch());
    if (!follows) {
      return std::unexpected(damage(offset, fmt::format("transaction 0x{:x} follows 0x{:x}: some in between are missing or repeated", hex(header.zxid),
                                                        hex(*last_zxid_))));
    }
  }
  last_zxid_ = header.zxid;
  return {};
}

std::expected<std::optional<LogEntry>, Damage> LogReader::next() {
  while (true) {
    if (source_ == nullptr) {
      const auto opened = open_next();
      if (!opened) return std::unexpected(opened.error());
      if (!*opened) return std::nullopt;
    }
    LogEntry entry;
    const std::int64_t offset = source_->position() + static_cast<std::int64_t>(entry_bytes_);
    const auto found = read_entry(entry);
    if (!found) return std::unexpected(found.error());
    if (*found == Found::end) {
      if (is_newest()) return std::nullopt;
      const auto opened = open_next();
      if (!opened) return std::unexpected(opened.error());
      if (!*opened) return std::nullopt;
      continue;
    }
    bool skip = false;
    if (auto good = check_order(entry.header, offset, skip); !good) return std::unexpected(good.error());
    if (!skip && entry.header.zxid >= from_.value()) return entry;
  }
}

}  // namespace quoll::store
