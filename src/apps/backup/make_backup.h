// Makes backups and restores them; docs/tools.md describes what is in a backup.
#pragma once

#include <expected>
#include <string>

#include "apps/backup/download.h"
#include "apps/backup/extract.h"

namespace quoll::apps::backup {

// What a command has made, and where it is.
struct Made {
  std::string directory;
  Extracted content;
};

// Of a directory into `to`, which must be empty or missing; `tool` and `now_ms` go into the manifest. What it has
// written is removed after an error.
std::expected<Made, Trouble> backup_directory(env::Disk& disk, const Source& source, const Until& until,
                                              const std::string& to, const std::string& tool, std::int64_t now_ms,
                                              const OnBytes& on_bytes);

// Of a running server, by its HTTP port.
std::expected<Made, Trouble> backup_server(env::Disk& disk, const Download& from, const std::string& to,
                                           const std::string& tool, std::int64_t now_ms, const OnBytes& on_bytes);

// Into a dataDir that is missing, or empty but for `myid`. Its version-2 gets its name as the last step, so an
// interrupted restore leaves nothing that a server would start from.
std::expected<Made, Trouble> restore(env::Disk& disk, const Source& source, const Until& until,
                                     const std::string& data_dir, const OnBytes& on_bytes);

}  // namespace quoll::apps::backup
