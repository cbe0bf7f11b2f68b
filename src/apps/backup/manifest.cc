#include "apps/backup/manifest.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

#include "apps/files/report.h"
#include "store/file_names.h"

namespace quoll::apps::backup {

namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "quoll-backup";
constexpr std::int64_t kVersion = 1;

bool is_store_file(std::string_view name) {
  return store::log_zxid(name) || store::snapshot_zxid(name);
}

// Reads fields of one object; remembers the first that is missing or of another type.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::int64_t number(std::string_view name) {
    const json::value* const value = find(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : (fault(name), 0);
  }
  std::string text(std::string_view name) {
    const json::value* const value = find(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : (fault(name), "");
  }
  bool truth(std::string_view name) {
    const json::value* const value = find(name);
    return value != nullptr && value->is_bool() ? value->get_bool() : (fault(name), false);
  }
  Zxid zxid(std::string_view name) {
    const std::string given = text(name);
    std::uint64_t number = 0;
    const bool is_hex = given.starts_with("0x");
    const auto [end, error] = is_hex ? std::from_chars(given.data() + 2, given.data() + given.size(), number, 16)
                                     : std::from_chars_result{given.data(), std::errc::invalid_argument};
    if (error != std::errc() || end != given.data() + given.size()) fault(name);
    return Zxid{static_cast<std::int64_t>(number)};
  }
  const json::array* list(std::string_view name) {
    const json::value* const value = find(name);
    if (value != nullptr && value->is_array()) return &value->get_array();
    fault(name);
    return nullptr;
  }
  const json::value* find(std::string_view name) const { return object_.if_contains(name); }
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

 private:
  void fault(std::string_view name) {
    if (!error_) error_ = fmt::format("the field \"{}\" is missing or not what it should be", name);
  }
  const json::object& object_;
  std::optional<std::string> error_;
};

std::expected<FileFacts, std::string> decode_file(const json::value& value) {
  if (!value.is_object()) return std::unexpected("an entry of \"files\" is no object");
  Fields fields(value.get_object());
  FileFacts facts{fields.text("name"), fields.number("bytes"), fields.text("sha256")};
  if (fields.error()) return std::unexpected(*fields.error());
  if (!is_store_file(facts.name))
    return std::unexpected(fmt::format("\"{}\" is no name of a snapshot or a log", files::shown(facts.name)));
  return facts;
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  json::array files;
  for (const FileFacts& file : manifest.files)
    files.push_back(json::object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  const json::object object{
      {"format", kFormat},
      {"version", kVersion},
      {"created", files::time_text(manifest.created_ms)},
      {"created_ms", manifest.created_ms},
      {"tool", manifest.tool},
      {"source", manifest.source},
      {"snapshot_zxid", files::hex(manifest.snapshot.value())},
      {"last_zxid", files::hex(manifest.last.value())},
      {"epoch", manifest.last.epoch().value()},
      {"last_time_ms", manifest.last_time_ms ? json::value(*manifest.last_time_ms) : json::value(nullptr)},
      {"exact", manifest.is_exact},
      {"files", std::move(files)}};
  return json::serialize(object) + "\n";
}

std::expected<Manifest, std::string> decode_manifest(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::unexpected("it is not a JSON object");
  Fields fields(value.get_object());
  if (fields.text("format") != kFormat) return std::unexpected("it is not the manifest of a backup of Quoll");
  if (const std::int64_t version = fields.number("version"); version != kVersion)
    return std::unexpected(fmt::format("it has version {}, and this program knows version {}", version, kVersion));
  Manifest manifest;
  manifest.created_ms = fields.number("created_ms");
  manifest.tool = fields.text("tool");
  manifest.source = fields.text("source");
  manifest.snapshot = fields.zxid("snapshot_zxid");
  manifest.last = fields.zxid("last_zxid");
  manifest.is_exact = fields.truth("exact");
  if (const json::value* const time = fields.find("last_time_ms"); time != nullptr && time->is_int64())
    manifest.last_time_ms = time->get_int64();
  const json::array* const list = fields.list("files");
  if (fields.error()) return std::unexpected(*fields.error());
  for (const json::value& one : *list) {
    auto file = decode_file(one);
    if (!file) return std::unexpected(file.error());
    manifest.files.push_back(std::move(*file));
  }
  return manifest;
}

env::DiskResult<void> write_manifest(env::Disk& disk, const std::string& directory, const Manifest& manifest) {
  // First the files, then the name that says that they are complete.
  if (auto synced = disk.sync_directory(directory); !synced) return synced;
  auto out = DigestFile::create(disk, directory, std::string(kManifestName) + ".tmp");
  if (!out) return std::unexpected(out.error());
  if (auto written = (*out)->write(encode_manifest(manifest)); !written) return written;
  if (auto closed = (*out)->close(); !closed) return std::unexpected(closed.error());
  const std::string path = fmt::format("{}/{}", directory, kManifestName);
  if (auto renamed = disk.rename(path + ".tmp", path); !renamed) return renamed;
  return disk.sync_directory(directory);
}

std::expected<std::optional<Manifest>, std::string> read_manifest(env::Disk& disk, const std::string& directory) {
  const std::string path = fmt::format("{}/{}", directory, kManifestName);
  const auto there = disk.stat(path);
  if (!there) return std::unexpected(there.error().text);
  if (!*there) return std::nullopt;
  if ((*there)->bytes > kManifestBytesMax)
    return std::unexpected(fmt::format("{} is damaged: it has {} bytes", path, (*there)->bytes));
  const auto file = disk.open(path, env::OpenMode::read);
  if (!file) return std::unexpected(file.error().text);
  std::string text(static_cast<std::size_t>((*there)->bytes), '\0');
  const auto got = (*file)->read(0, text);
  if (!got) return std::unexpected(got.error().text);
  text.resize(*got);
  auto manifest = decode_manifest(text);
  if (!manifest) return std::unexpected(fmt::format("{} is damaged: {}", path, manifest.error()));
  return std::optional(std::move(*manifest));
}

env::DiskResult<std::vector<std::string>> check_files(env::Disk& disk, const std::string& directory,
                                                      const Manifest& manifest, const OnBytes& on_bytes) {
  std::vector<std::string> wrong;
  const auto entries = disk.list(directory);
  if (!entries) return std::unexpected(entries.error());
  for (const env::DirectoryEntry& entry : *entries) {
    const bool is_named = std::ranges::find(manifest.files, entry.name, &FileFacts::name) != manifest.files.end();
    if (is_store_file(entry.name) && !is_named)
      wrong.push_back(fmt::format("{}/{} is not named by the manifest", directory, entry.name));
  }
  for (const FileFacts& file : manifest.files) {
    const auto found = std::ranges::find(*entries, file.name, &env::DirectoryEntry::name);
    if (found == entries->end()) {
      wrong.push_back(fmt::format("{}/{} is missing", directory, file.name));
    } else if (found->bytes != file.bytes) {
      wrong.push_back(fmt::format("{}/{} has {} bytes, and had {} when the backup was made", directory, file.name,
                                  found->bytes, file.bytes));
    } else {
      const auto facts = facts_of(disk, directory, file.name, on_bytes);
      if (!facts) return std::unexpected(facts.error());
      if (facts->sha256 != file.sha256)
        wrong.push_back(fmt::format("{}/{} has been changed: its SHA-256 is {}, and was {}", directory, file.name,
                                    facts->sha256, files::shown(file.sha256)));
    }
  }
  return wrong;
}

}  // namespace quoll::apps::backup
