#include "apps/backup/make_backup.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "apps/files/report.h"
#include "store/file_names.h"
#include "store/snapshot_reader.h"

namespace quoll::apps::backup {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartialSnapshot = "snapshot.partial";
constexpr std::string_view kPartialRestore = "quoll-restore.partial";

// What a command makes in its new directory before it is complete.
bool is_made_here(const std::string& name) {
  return name == kPartialSnapshot || name == kPartialRestore || name.starts_with(kManifestName) ||
         store::log_zxid(name) || store::snapshot_zxid(name);
}

// A directory that is filled by one command. Unless keep() is called, what the command has made there is removed, and
// so is the directory if the command has made it.
class NewDirectory {
 public:
  static std::expected<NewDirectory, Trouble> make(env::Disk& disk, const std::string& path,
                                                   std::initializer_list<std::string_view> allowed) {
    const auto there = disk.stat(path);
    if (!there) return std::unexpected(failed(there.error()));
    if (*there) {
      const auto entries = disk.list(path);
      if (!entries) return std::unexpected(failed(entries.error()));
      for (const env::DirectoryEntry& entry : *entries) {
        if (std::ranges::find(allowed, entry.name) == allowed.end())
          return std::unexpected(bad(fmt::format(
              "{} is not empty: it holds {}. Name a new directory; nothing was changed", path, entry.name)));
      }
    }
    if (auto made = disk.make_directories(path); !made) return std::unexpected(failed(made.error()));
    return NewDirectory(path, !*there);
  }
  NewDirectory(NewDirectory&& other) noexcept : path_(std::exchange(other.path_, {})), is_new_(other.is_new_) {}
  NewDirectory& operator=(NewDirectory&&) = delete;
  ~NewDirectory() {
    if (path_.empty()) return;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_, ignored)) {
      if (is_made_here(entry.path().filename().string())) fs::remove_all(entry.path(), ignored);
    }
    if (is_new_) fs::remove(path_, ignored);
  }
  void keep() { path_.clear(); }

 private:
  NewDirectory(std::string path, bool is_new) : path_(std::move(path)), is_new_(is_new) {}
  std::string path_;
  bool is_new_;
};

// The directory that holds the name of this one.
std::string parent_of(const std::string& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return (absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path()).string();
}

Manifest manifest_of(const Extracted& content, std::string source, const std::string& tool, std::int64_t now_ms) {
  return {now_ms,           tool,         std::move(source), content.snapshot, content.last, content.last_time_ms,
          content.is_exact, content.files};
}

std::expected<Made, Trouble> finish_backup(env::Disk& disk, NewDirectory& directory, const std::string& to,
                                           const Manifest& manifest, Extracted content) {
  if (auto written = write_manifest(disk, to, manifest); !written) return std::unexpected(failed(written.error()));
  if (auto synced = disk.sync_directory(parent_of(to)); !synced) return std::unexpected(failed(synced.error()));
  directory.keep();
  return Made{to, std::move(content)};
}

std::optional<Zxid> zxid_field(const std::optional<std::string>& text) {
  if (!text || !text->starts_with("0x")) return std::nullopt;
  return store::snapshot_zxid("snapshot." + text->substr(2));
}

// A file with the name of a snapshot, from the server's answer. Its name is known when it has come whole.
std::expected<Extracted, Trouble> download_snapshot(env::Disk& disk, const Download& what, const std::string& to,
                                                    const OnBytes& on_bytes) {
  const std::string partial(kPartialSnapshot);
  auto out = DigestFile::create(disk, to, partial);
  if (!out) return std::unexpected(failed(out.error()));
  std::optional<env::DiskError> disk_error;
  std::string beginning;
  const auto done = download(what, {"last_zxid", "snapshot_size"}, [&](std::string_view bytes) {
    if (beginning.size() < 4) beginning += bytes.substr(0, 4 - beginning.size());
    on_bytes(static_cast<std::int64_t>(bytes.size()));
    if (auto written = (*out)->write(bytes); !written) disk_error = written.error();
    return !disk_error;
  });
  if (disk_error) return std::unexpected(failed(*disk_error));
  if (!done) return std::unexpected(Trouble{Trouble::disk, done.error()});
  const std::string server = fmt::format("{}:{}", what.from.host, what.from.port);
  if (done->status != 200)
    return std::unexpected(
        bad(fmt::format("{} answers with status {}: {}", server, done->status, files::shown(done->text, 500))));
  const auto zxid = zxid_field(done->fields[0]);
  if (!zxid) return std::unexpected(bad(fmt::format("{} has sent no snapshot: there is no last_zxid", server)));
  auto facts = (*out)->close();
  if (!facts) return std::unexpected(failed(facts.error()));
  if (done->fields[1] && *done->fields[1] != fmt::format("{}", facts->bytes))
    return std::unexpected(bad(
        fmt::format("{} has sent {} bytes of a snapshot of {}", server, facts->bytes, files::shown(*done->fields[1]))));
  const std::string_view ending = beginning.starts_with("\x1f\x8b") ? ".gz"
                                  : beginning.starts_with("ZKSN")   ? ""
                                                                    : ".snappy";
  facts->name = store::snapshot_name(*zxid, ending);
  const std::string path = to + "/" + facts->name;
  if (auto renamed = disk.rename(to + "/" + partial, path); !renamed) return std::unexpected(failed(renamed.error()));
  const auto good = store::check_snapshot(disk, {*zxid, facts->name, path, facts->bytes, 0});
  if (!good) return std::unexpected(bad(fmt::format("{} has sent a damaged snapshot: {}", server, good.error())));
  Extracted content;
  content.snapshot = content.last = *zxid;
  content.is_exact = good->last_processed && *good->last_processed == *zxid;
  if (!content.is_exact)
    content.notes.push_back(fmt::format(
        "The server has changed its state while it wrote the snapshot: it holds all changes up to {}, and a part of "
        "those up to {}",
        files::hex(zxid->value()),
        good->last_processed ? files::hex(good->last_processed->value()) : "an unknown zxid"));
  content.files.push_back(std::move(*facts));
  return content;
}

}  // namespace

std::expected<Made, Trouble> backup_directory(env::Disk& disk, const Source& source, const Until& until,
                                              const std::string& to, const std::string& tool, std::int64_t now_ms,
                                              const OnBytes& on_bytes) {
  auto directory = NewDirectory::make(disk, to, {});
  if (!directory) return std::unexpected(directory.error());
  const auto part = choose(disk, source, until);
  if (!part) return std::unexpected(part.error());
  auto content = extract(disk, source, *part, to, on_bytes);
  if (!content) return std::unexpected(content.error());
  const std::string from = fs::absolute(source.directory).lexically_normal().string();
  const Manifest manifest = manifest_of(*content, from, tool, now_ms);
  return finish_backup(disk, *directory, to, manifest, std::move(*content));
}

std::expected<Made, Trouble> backup_server(env::Disk& disk, const Download& from, const std::string& to,
                                           const std::string& tool, std::int64_t now_ms, const OnBytes& on_bytes) {
  auto directory = NewDirectory::make(disk, to, {});
  if (!directory) return std::unexpected(directory.error());
  auto content = download_snapshot(disk, from, to, on_bytes);
  if (!content) return std::unexpected(content.error());
  const Manifest manifest = manifest_of(
      *content, fmt::format("{}://{}:{}", from.tls ? "https" : "http", from.from.host, from.from.port), tool, now_ms);
  return finish_backup(disk, *directory, to, manifest, std::move(*content));
}

std::expected<Made, Trouble> restore(env::Disk& disk, const Source& source, const Until& until,
                                     const std::string& data_dir, const OnBytes& on_bytes) {
  auto directory = NewDirectory::make(disk, data_dir, {"myid", "lost+found"});
  if (!directory) return std::unexpected(directory.error());
  const auto part = choose(disk, source, until);
  if (!part) return std::unexpected(part.error());
  const std::string unnamed = fmt::format("{}/{}", data_dir, kPartialRestore);
  if (auto made = disk.make_directories(unnamed); !made) return std::unexpected(failed(made.error()));
  auto content = extract(disk, source, *part, unnamed, on_bytes);
  if (!content) return std::unexpected(content.error());
  const std::string named = fmt::format("{}/{}", data_dir, store::kVersionDirectory);
  if (auto synced = disk.sync_directory(unnamed); !synced) return std::unexpected(failed(synced.error()));
  if (auto renamed = disk.rename(unnamed, named); !renamed) return std::unexpected(failed(renamed.error()));
  for (const std::string& changed : {data_dir, parent_of(data_dir)}) {
    if (auto synced = disk.sync_directory(changed); !synced) return std::unexpected(failed(synced.error()));
  }
  directory->keep();
  return Made{named, std::move(*content)};
}

}  // namespace quoll::apps::backup
