// quoll restore --into: writes the znodes of a backup into a running ensemble, by ordinary requests. Nobody has to
// stop, and all members get them by the agreement of the ensemble.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "apps/backup/extract.h"
#include "apps/backup/source.h"
#include "apps/shell/client_configuration.h"

namespace quoll::apps::backup {

struct IntoWish {
  std::string server;  // a connect string
  std::string auth;    // "scheme:data", or empty
  bool dry_run = false;
  shell::ClientSecurity security;
};

struct IntoResult {
  Zxid as_of;
  std::size_t znodes = 0;   // to be written; the root is not among them
  std::size_t written = 0;  // 0 in a dry run
  std::int64_t ephemerals = 0;
  bool is_root_changed = false;  // or would be: its data or its ACL
  std::vector<std::string> notes;
  std::vector<std::string> lines;  // of a dry run: a line for each znode
};

// Refuses, before anything is written, if a znode of the first level exists there already.
std::expected<IntoResult, Trouble> restore_into(env::Disk& disk, const Source& source, const Until& until,
                                                const IntoWish& wish);

}  // namespace quoll::apps::backup
