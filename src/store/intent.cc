#include "store/intent.h"

#include <fmt/format.h>
#include <zlib.h>

#include "store/file_names.h"
#include "store/small_file.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

constexpr std::int32_t kTruncate = 1;
constexpr std::int32_t kInstall = 2;
constexpr std::int32_t kInstallWithoutLoss = 3;
constexpr std::int64_t kNone = -1;

std::string intent_path(const DataDirs& dirs) {
  return fmt::format("{}/{}", dirs.log_dir(), kIntentName);
}

std::int64_t crc_of(std::string_view bytes) {
  return static_cast<std::int64_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::int64_t number_of(std::optional<Zxid> zxid) {
  return zxid ? zxid->value() : kNone;
}

std::optional<Zxid> zxid_of(std::int64_t number) {
  return number == kNone ? std::nullopt : std::optional(Zxid{number});
}

void put(wire::Writer& writer, const TruncateIntent& intent) {
  writer.put(kTruncate);
  writer.put(intent.last.value());
  writer.put(number_of(intent.base));
  writer.put(number_of(intent.log));
  writer.put(intent.offset);
}

void put(wire::Writer& writer, const InstallIntent& intent) {
  writer.put(intent.loss == Loss::none ? kInstallWithoutLoss : kInstall);
  writer.put(intent.at.value());
  writer.put(intent.received);
  writer.put(intent.name);
}

TruncateIntent get_truncate(wire::Reader& reader) {
  std::int64_t last = 0;
  std::int64_t base = 0;
  std::int64_t log = 0;
  TruncateIntent intent;
  reader.get(last);
  reader.get(base);
  reader.get(log);
  reader.get(intent.offset);
  intent.last = Zxid{last};
  intent.base = zxid_of(base);
  intent.log = zxid_of(log);
  return intent;
}

InstallIntent get_install(wire::Reader& reader, Loss loss) {
  std::int64_t at = 0;
  InstallIntent intent;
  reader.get(at);
  reader.get(intent.received);
  reader.get(intent.name);
  intent.at = Zxid{at};
  intent.loss = loss;
  return intent;
}

std::optional<Intent> decode_intent(std::string_view bytes) {
  wire::Reader reader(bytes);
  std::int32_t kind = 0;
  reader.get(kind);
  Intent intent;
  if (kind == kTruncate) {
    intent = get_truncate(reader);
  } else if (kind == kInstall) {
    intent = get_install(reader, Loss::possible);
  } else if (kind == kInstallWithoutLoss) {
    intent = get_install(reader, Loss::none);
  } else {
    return std::nullopt;
  }
  const std::size_t end = reader.position();
  std::int64_t crc = 0;
  reader.get(crc);
  if (!reader.ok() || reader.remaining() != 0 || crc != crc_of(bytes.substr(0, end))) return std::nullopt;
  return intent;
}

}  // namespace

env::DiskResult<void> write_intent(const DataDirs& dirs, const Intent& intent) {
  std::string bytes;
  wire::Writer writer(bytes);
  std::visit([&](const auto& one) { put(writer, one); }, intent);
  writer.put(crc_of(bytes));
  const std::string temporary = fmt::format("{}/{}{}", dirs.log_dir(), kTemporaryPrefix, kIntentName);
  {
    auto file = dirs.disk().open(temporary, env::OpenMode::create);
    if (!file) return std::unexpected(file.error());
    if (auto done = (*file)->write(0, bytes); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
  }
  if (auto done = dirs.disk().rename(temporary, intent_path(dirs)); !done) return done;
  return dirs.disk().sync_directory(dirs.log_dir());
}

std::expected<std::optional<Intent>, std::string> read_intent(const DataDirs& dirs) {
  const auto bytes = read_small_file(dirs.disk(), intent_path(dirs));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto intent = decode_intent(**bytes);
  if (intent) return intent;
  return std::unexpected(fmt::format(
      "{} is damaged. It says which change of the history was interrupted, so the history is unknown, and "
      "nothing was changed. Copy the data directories before you do anything else. Then restore them from a "
      "backup, or, in an ensemble, start this server without data: it copies them from the others",
      intent_path(dirs)));
}

env::DiskResult<void> remove_intent(const DataDirs& dirs) {
  if (auto done = dirs.disk().remove(intent_path(dirs)); !done) return done;
  return dirs.disk().sync_directory(dirs.log_dir());
}

}  // namespace quoll::store
