// Where a history comes from: a backup (with a manifest), the data directories of a server, in use or not, or a
// directory with snapshots and logs, as an archive is. Nothing there is changed.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "apps/backup/manifest.h"
#include "store/data_dirs.h"
#include "store/durable_mark.h"

namespace quoll::apps::backup {

struct Source {
  std::string directory;                    // as it was named
  std::vector<store::StoreFile> snapshots;  // newest first
  std::vector<store::StoreFile> logs;       // oldest first
  store::KnownMark mark;
  std::optional<Manifest> manifest;
};

// `log_dir`: dataLogDir, if it is another; empty: the same. The files of a backup are compared with its manifest; the
// error then names the first that differs.
std::expected<Source, std::string> open_source(env::Disk& disk, const std::string& directory,
                                               const std::string& log_dir, const OnBytes& on_bytes);

}  // namespace quoll::apps::backup
