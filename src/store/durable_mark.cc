#include "store/durable_mark.h"

#include <array>
#include <fmt/format.h>
#include <zlib.h>

#include "store/file_names.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

constexpr std::size_t kSlotBytes = 512;  // one sector, so that the slots do not share one
constexpr std::size_t kRecordBytes = 4 * 8 + 8;

struct Slot {
  DurableMark mark;
  std::uint64_t sequence = 0;
};

std::string encode(const Slot& slot) {
  std::string out;
  wire::Writer writer(out);
  writer.put(static_cast<std::int64_t>(slot.sequence));
  writer.put(slot.mark.log.value());
  writer.put(slot.mark.offset);
  writer.put(slot.mark.last.value());
  writer.put(static_cast<std::int64_t>(crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size())));
  return out;
}

std::optional<Slot> decode(std::string_view bytes) {
  wire::Reader reader(bytes);
  std::int64_t sequence = 0;
  std::int64_t log = 0;
  std::int64_t last = 0;
  std::int64_t crc = 0;
  Slot slot;
  reader.get(sequence);
  reader.get(log);
  reader.get(slot.mark.offset);
  reader.get(last);
  reader.get(crc);
  if (!reader.ok() ||
      crc != static_cast<std::int64_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), kRecordBytes - 8))) {
    return std::nullopt;
  }
  slot.sequence = static_cast<std::uint64_t>(sequence);
  slot.mark.log = Zxid{log};
  slot.mark.last = Zxid{last};
  return slot;
}

std::string path_in(const std::string& log_dir) {
  return log_dir + "/" + std::string(kDurableName);
}

// nullopt if no record is complete.
env::DiskResult<std::optional<Slot>> newest(env::File& file) {
  std::optional<Slot> best;
  for (std::int64_t at : {std::int64_t{0}, static_cast<std::int64_t>(kSlotBytes)}) {
    std::array<char, kRecordBytes> bytes{};
    const auto got = file.read(at, bytes);
    if (!got) return std::unexpected(got.error());
    if (*got != bytes.size()) continue;
    const auto slot = decode({bytes.data(), bytes.size()});
    if (slot && (!best || slot->sequence > best->sequence)) best = slot;
  }
  return best;
}

// The file is renamed to its name when it contains a complete record.
env::DiskResult<void> make(env::Disk& disk, const std::string& log_dir) {
  const std::string temporary = fmt::format("{}/{}{}", log_dir, kTemporaryPrefix, kDurableName);
  {
    auto file = disk.open(temporary, env::OpenMode::create);
    if (!file) return std::unexpected(file.error());
    if (auto done = (*file)->write(0, encode(Slot{})); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
  }
  if (auto done = disk.rename(temporary, path_in(log_dir)); !done) return done;
  return disk.sync_directory(log_dir);
}

}  // namespace

env::DiskResult<DurableMarkFile> DurableMarkFile::open(env::Disk& disk, const std::string& log_dir) {
  const auto there = disk.stat(path_in(log_dir));
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    if (auto done = make(disk, log_dir); !done) return std::unexpected(done.error());
  }
  auto file = disk.open(path_in(log_dir), env::OpenMode::update);
  if (!file) return std::unexpected(file.error());
  DurableMarkFile marks(std::move(*file));
  const auto slot = newest(*marks.file_);
  if (!slot) return std::unexpected(slot.error());
  if (*slot) marks.sequence_ = (*slot)->sequence;
  return marks;
}

env::DiskResult<void> DurableMarkFile::write(const DurableMark& mark) {
  ++sequence_;
  return file_->write(static_cast<std::int64_t>((sequence_ % 2) * kSlotBytes), encode(Slot{mark, sequence_}));
}

env::DiskResult<KnownMark> read_durable_mark(env::Disk& disk, const std::string& log_dir) {
  const auto there = disk.stat(path_in(log_dir));
  if (!there) return std::unexpected(there.error());
  if (!*there) return KnownMark{};
  const auto file = disk.open(path_in(log_dir), env::OpenMode::read);
  if (!file) return std::unexpected(file.error());
  const auto slot = newest(**file);
  if (!slot) return std::unexpected(slot.error());
  return *slot ? KnownMark{KnownMark::good, (*slot)->mark} : KnownMark{KnownMark::unreadable, {}};
}

}  // namespace quoll::store
