// manifest.json of a backup: what the backup holds, and the size and SHA-256 of each file. It is written last, so a
// backup without one is incomplete. docs/tools.md describes it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/backup/digest_file.h"
#include "env/disk.h"
#include "types/ids.h"

namespace quoll::apps::backup {

inline constexpr std::string_view kManifestName = "manifest.json";
// Longer ones are refused.
inline constexpr std::int64_t kManifestBytesMax = std::int64_t{16} << 20;

struct Manifest {
  std::int64_t created_ms = 0;
  std::string tool;    // "quoll 0.5"
  std::string source;  // for people: a directory, or a server
  Zxid snapshot;
  Zxid last;
  std::optional<std::int64_t> last_time_ms;  // of the last transaction; nullopt: there is none after the snapshot
  bool is_exact = true;  // the state after `last`; false: with a part of what followed, as a lone snapshot may have
  std::vector<FileFacts> files;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

std::string encode_manifest(const Manifest& manifest);
// The error says what is wrong with the text, for people. Names of files are those of snapshots and logs, so they never
// lead out of the directory.
std::expected<Manifest, std::string> decode_manifest(std::string_view text);

// Makes it durable, and the names of all files in the directory.
env::DiskResult<void> write_manifest(env::Disk& disk, const std::string& directory, const Manifest& manifest);
// nullopt if there is none.
std::expected<std::optional<Manifest>, std::string> read_manifest(env::Disk& disk, const std::string& directory);

// Compares every file with its size and digest, and makes sure that there is no log or snapshot that it does not name.
// An empty list: all is well. The error is the disk's.
env::DiskResult<std::vector<std::string>> check_files(env::Disk& disk, const std::string& directory,
                                                      const Manifest& manifest, const OnBytes& on_bytes);

}  // namespace quoll::apps::backup
