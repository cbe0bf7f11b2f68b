#include "store/log_file.h"

#include "store/log_format.h"
#include "wire/jute.h"
#include "wire/txn_record.h"

namespace quoll::store {

namespace {

constexpr std::size_t kTxnHeaderBytes = 32;

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

bool is_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

HeaderState header_state(std::string_view bytes) {
  bytes = bytes.substr(0, kLogHeaderBytes);
  if (is_zero(bytes)) return HeaderState::torn;
  if (bytes.size() < kLogHeaderBytes) return log_header().starts_with(bytes) ? HeaderState::torn : HeaderState::foreign;
  // The database id after magic and version has never been used; Apache's server ignores it too.
  return bytes.starts_with(std::string_view(log_header()).substr(0, 8)) ? HeaderState::good : HeaderState::foreign;
}

// True if `bytes` begins with a complete entry. The cheap checks come first, because this runs at every byte after a
// damaged entry.
bool starts_with_entry(std::string_view bytes) {
  if (bytes.size() < kEntryHeadBytes + kTxnHeaderBytes + 1 || !is_zero(bytes.substr(0, 4))) return false;
  const Head head = head_of(bytes);
  if (head.length < static_cast<std::int32_t>(kTxnHeaderBytes)) return false;
  const auto length = static_cast<std::size_t>(head.length);
  if (bytes.size() < kEntryHeadBytes + length + 1 || bytes[kEntryHeadBytes + length] != kEntryEnd) return false;
  return static_cast<std::int64_t>(adler32_of(bytes.substr(kEntryHeadBytes, length))) == head.checksum;
}

bool holds_entry(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t next = bytes.find_first_not_of('\0', at);
    if (next == std::string_view::npos) return false;
    // An entry begins with the upper half of its checksum, which is four zero bytes, and its length is not zero. So it
    // starts with at most 11 zeros.
    at = std::max(at, next < kEntryHeadBytes ? std::size_t{0} : next - kEntryHeadBytes);
    if (starts_with_entry(bytes.substr(at))) return true;
  }
  return false;
}

}  // namespace

std::string_view text_of(EntryState state) {
  switch (state) {
    case EntryState::whole:
      return "a whole entry";
    case EntryState::end_of_file:
      return "the file ends";
    case EntryState::zeros:
      return "a run of zeros";
    case EntryState::truncated:
      return "a truncated entry";
    case EntryState::bad_length:
      return "an entry with an invalid length";
    case EntryState::no_end_mark:
      return "an entry without an end mark";
    case EntryState::bad_checksum:
      return "an entry with a wrong checksum";
    case EntryState::no_txn:
      return "an entry shorter than a transaction's header";
  }
  return "";
}

env::DiskResult<LogFile> LogFile::open(env::Disk& disk, const StoreFile& file) {
  auto opened = disk.open(file.path, env::OpenMode::read);
  if (!opened) return std::unexpected(opened.error());
  const auto bytes = (*opened)->size();
  if (!bytes) return std::unexpected(bytes.error());
  LogFile log(std::make_unique<BufferedSource>(std::make_unique<FileSource>(std::move(*opened), 0)), *bytes);
  const auto head = log.source_->peek(kLogHeaderBytes);
  if (!head) return std::unexpected(head.error());
  log.header_ = header_state(*head);
  if (log.header_ == HeaderState::good) log.source_->skip(kLogHeaderBytes);
  return log;
}

env::DiskResult<EntryState> LogFile::next(LogEntry& entry) {
  source_->skip(entry_bytes_);
  entry_bytes_ = 0;
  auto bytes = source_->peek(kEntryHeadBytes);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return EntryState::end_of_file;
  if (bytes->size() < kEntryHeadBytes) return is_zero(*bytes) ? EntryState::zeros : EntryState::truncated;
  const Head head = head_of(*bytes);
  if (head.length == 0 && head.checksum == 0) return EntryState::zeros;
  if (head.length <= 0) return EntryState::bad_length;
  const std::size_t size = kEntryHeadBytes + static_cast<std::size_t>(head.length) + 1;
  if (static_cast<std::int64_t>(size) > file_bytes_ - source_->position()) return EntryState::truncated;
  bytes = source_->peek(size);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < size) return EntryState::truncated;
  return whole(bytes->substr(0, size), entry);
}

EntryState LogFile::whole(std::string_view bytes, LogEntry& entry) {
  if (bytes.back() != kEntryEnd) return EntryState::no_end_mark;
  entry.bytes = bytes.substr(kEntryHeadBytes, bytes.size() - kEntryHeadBytes - 1);
  if (static_cast<std::int64_t>(adler32_of(entry.bytes)) != head_of(bytes).checksum) return EntryState::bad_checksum;
  const auto header = wire::decode_txn_header(entry.bytes);
  if (!header) return EntryState::no_txn;
  entry.header = *header;
  entry_bytes_ = bytes.size();
  return EntryState::whole;
}

env::DiskResult<TailContent> scan_tail(env::Disk& disk, const std::string& path, std::int64_t offset) {
  // Windows overlap by more than the length of an entry, unless jute.maxbuffer is set to an absurd value.
  constexpr std::int64_t kWindowBytes = std::int64_t{32} << 20;
  constexpr std::int64_t kOverlapBytes = std::int64_t{8} << 20;
  const auto file = disk.open(path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  TailContent tail;
  std::string window;
  for (std::int64_t at = offset; at < *size; at += kWindowBytes - kOverlapBytes) {
    window.resize(static_cast<std::size_t>(std::min(kWindowBytes, *size - at)));
    const auto got = (*file)->read(at, window);
    if (!got) return std::unexpected(got.error());
    const std::string_view bytes = std::string_view(window).substr(0, *got);
    if (is_zero(bytes)) continue;
    tail.has_bytes = true;
    // The entry at `offset` is known to be bad.
    if (holds_entry(at == offset ? bytes.substr(1) : bytes)) {
      tail.has_entry = true;
      break;
    }
  }
  return tail;
}

}  // namespace quoll::store
