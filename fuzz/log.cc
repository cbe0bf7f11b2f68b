// Transaction logs: for any file the cursor returns a prefix of the good entries or reports damage, reading again gives
// the same, and a server starts with the file or refuses to.
#include "fuzz/memory.h"
#include "fuzz/record_bytes.h"
#include "fuzz/served.h"
#include "fuzz/target.h"
#include "store/file_names.h"
#include "store/log_format.h"
#include "store/log_repair.h"
#include "wire/txn_record.h"

using namespace quoll;

namespace {

struct Entry {
  std::int64_t zxid = 0;
  std::int32_t type = 0;
  std::string bytes;
  std::int64_t end = 0;
  friend bool operator==(const Entry&, const Entry&) = default;
};

// All complete entries from the beginning, by docs/formats/log.md; shares no code with the cursor.
std::vector<Entry> walk(std::string_view file) {
  std::vector<Entry> entries;
  std::size_t at = store::kLogHeaderBytes;
  while (at + store::kEntryHeadBytes <= file.size()) {
    wire::Reader reader(file.substr(at));
    std::int64_t sum = 0;
    std::int32_t length = 0;
    reader.get(sum);
    reader.get(length);
    if (length <= 0 || reader.remaining() < static_cast<std::size_t>(length) + 1) break;
    const std::string_view bytes = reader.rest().substr(0, static_cast<std::size_t>(length));
    const auto header = wire::decode_txn_header(bytes);
    if (sum != static_cast<std::int64_t>(store::adler32_of(bytes)) || !header) break;
    at += store::kEntryHeadBytes + bytes.size() + 1;
    if (file[at - 1] != store::kEntryEnd) break;
    entries.push_back(Entry{header->zxid, header->type, std::string(bytes), static_cast<std::int64_t>(at)});
  }
  return entries;
}

struct Reading {
  std::vector<Entry> entries;
  bool is_damaged = false;
  std::size_t peak_bytes = 0;
};

class NoLog : public env::Log {
 public:
  void write(env::Level, std::string_view) override {}
  [[nodiscard]] bool enabled(env::Level) const override { return false; }
};

void repair(sim::MemoryDisk& disk, const store::LogCursor& cursor) {
  NoLog log;
  store::Options options;
  options.data_dir = "/data";
  const auto dirs = store::DataDirs::open(disk, options, log);
  store::Reports reports;
  QUOLL_CHECK(dirs && store::repair_log(*dirs, cursor.repairs(), 0, reports), "repairs succeed on a good disk");
  QUOLL_CHECK(reports.size() == cursor.repairs().size(), "each repair is reported");
}

Reading read(sim::MemoryDisk& disk, const std::string& path, Zxid from, const store::KnownMark& mark) {
  Reading reading;
  const auto there = disk.stat(path);
  if (!there || !*there) return reading;
  const store::StoreFile file{from, path.substr(path.rfind('/') + 1), path, (*there)->bytes, 0};
  const fuzz::PeakMemory memory;
  store::LogCursor cursor(disk, {file}, from, mark);
  while (true) {
    const auto next = cursor.next();
    if (!next) {
      QUOLL_CHECK(!next.error().text.empty(), "damage is reported with a text");
      reading.is_damaged = true;
    }
    if (!next || !*next) break;
    reading.entries.push_back(Entry{(*next)->header.zxid, (*next)->header.type, std::string((*next)->bytes), 0});
  }
  reading.peak_bytes = memory.bytes();
  QUOLL_CHECK(mark.kind != store::KnownMark::unreadable || cursor.repairs().empty(),
              "nothing is cut off if the mark is unreadable");
  if (!reading.is_damaged) repair(disk, cursor);
  return reading;
}

// The entries returned by the cursor are those of walk(), in order, without gaps except for errors that repeat a zxid.
void check_prefix(const std::vector<Entry>& all, const Reading& reading) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < reading.entries.size(); ++i) {
    const Entry& given = reading.entries[i];
    QUOLL_CHECK(i == 0 || given.zxid > reading.entries[i - 1].zxid, "zxids increase");
    while (at < all.size() && all[at].bytes != given.bytes) {
      // Skipped: entries that the state contains already, and errors under the previous zxid.
      const bool is_known = i > 0 && all[at].zxid == reading.entries[i - 1].zxid &&
                            all[at].type == static_cast<std::int32_t>(OpCode::error);
      const bool is_older = all[at].zxid < given.zxid;
      QUOLL_CHECK(is_known || is_older, "no entry is left out");
      ++at;
    }
    QUOLL_CHECK(at < all.size(), "every entry is in the file");
    ++at;
  }
}

void check_reader(std::string_view input, const std::vector<Entry>& all, Zxid from, const store::KnownMark& mark) {
  sim::MemoryDisk disk;
  const std::string path = "/data/version-2/" + store::log_name(from);
  disk.put(path, input);
  const Reading first = read(disk, path, from, mark);
  check_prefix(all, first);
  QUOLL_CHECK(first.peak_bytes <= (std::size_t{4} << 20) + 24 * input.size(),
              "memory is proportional to the size of the file");
  const std::string left = disk.content(path);
  if (first.is_damaged) {
    QUOLL_CHECK(left == input, "a damaged file is not changed");
  } else {
    QUOLL_CHECK(left.empty() || input.starts_with(left), "only a torn tail is cut off");
    const std::string cut = disk.content("/data/version-2/" + store::cut_name(store::log_name(from), 0, 0));
    const std::string_view taken = input.substr(left.size());
    const bool is_kept = taken.starts_with(cut) && taken.substr(cut.size()).find_first_not_of('\0') == taken.npos;
    QUOLL_CHECK(is_kept || (left.empty() && cut.empty()), "what is cut off is kept in another file");
  }
  const Reading second = read(disk, path, from, mark);
  if (!left.empty()) {
    QUOLL_CHECK(second.entries == first.entries && second.is_damaged == first.is_damaged,
                "reading again gives the same");
    // The newest file is removed if it has no entry.
    const std::string mended = disk.content(path);
    QUOLL_CHECK(mended == left || (mended.empty() && first.entries.empty()), "reading again changes nothing");
  }
  if (mark.kind == store::KnownMark::good && !first.is_damaged && !first.entries.empty())
    QUOLL_CHECK(first.entries.back().zxid >= mark.mark.last.value(),
                "durable entries are there, or damage is reported");
}

void check_server(std::string_view input, Zxid from) {
  fuzz::Served served;
  served.world.disk.put("/data/version-2/" + store::log_name(from), input);
  // A log without a snapshot is refused unless this option is set.
  served.options.store.trust_empty_snapshot = true;
  if (!served.start()) return;
  served.check_well();
  served.check_restart(fuzz::Served::Began::possible);
  served.stop();
}

// The entries of a file as bytes; they need not be valid.
std::vector<std::string> split(std::string_view file) {
  std::vector<std::string> entries;
  for (const Entry& entry : walk(file)) entries.push_back(entry.bytes);
  return entries;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::view(data, size);
  const bool has_header = input.starts_with(std::string_view(store::log_header()).substr(0, 8));
  const std::vector<Entry> all = has_header ? walk(input) : std::vector<Entry>();
  const Zxid from{all.empty() || all[0].zxid <= 0 ? 1 : all[0].zxid};
  using store::KnownMark;
  check_reader(input, all, from, KnownMark{KnownMark::missing, {}});
  check_reader(input, all, from, KnownMark{KnownMark::unreadable, {}});
  if (!all.empty()) {
    // With a mark at the end, and in the middle.
    check_reader(input, all, from, KnownMark{KnownMark::good, {from, all.back().end, Zxid{all.back().zxid}}});
    const Entry& middle = all[all.size() / 2];
    check_reader(input, all, from, KnownMark{KnownMark::good, {from, middle.end, Zxid{middle.zxid}}});
  }
  check_server(input, from);
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string_view input = fuzz::view(data, size);
  std::vector<std::string> entries = split(input);
  std::int64_t zxid = 1;
  if (!entries.empty()) zxid = Zxid{wire::decode_txn_header(entries.back())->zxid}.next().value();
  const std::size_t at = chance.below(entries.size() + 1);
  switch (chance.below(6)) {
    case 0:
      if (at < entries.size()) entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      if (at < entries.size()) entries.push_back(entries[at]);
      break;
    case 2:
    case 3:
      if (at < entries.size()) {
        std::string changed;
        fuzz::put_changed_txn(entries[at], chance, changed);
        entries[at] = std::move(changed);
      }
      break;
    default: {
      std::string txn;
      fuzz::put_any_txn(zxid, chance, txn);
      entries.push_back(std::move(txn));
    }
  }
  std::string made = store::log_header();
  for (const std::string& entry : entries) store::append_entry(entry, made);
  if (chance.below(4) == 0) made.append(chance.below(200), '\0');
  if (chance.below(8) == 0) made.resize(made.size() - std::min<std::size_t>(made.size(), chance.below(40)));
  return fuzz::give(made, data, max_size);
}
