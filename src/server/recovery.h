// Restores a server's state from its data directories.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core.h"
#include "store/data_dirs.h"
#include "zab/history.h"

namespace quoll::server {

struct Recovery {
  std::unique_ptr<machine::State> state;
  std::int64_t czxid_max = 0;            // the greatest in the snapshot
  std::optional<SessionId> session_max;  // the newest id of this server in the snapshot and in the log after it
  // The newest transactions, each following the one before; the last one is that of the state.
  std::vector<zab::Entry> newest;
  // The history may lack transactions that this server has acknowledged: it must not lead an ensemble.
  bool may_lack_acknowledged = false;
  // Data is missing, or may be: the server's vote must not count.
  bool is_suspect = false;
  bool is_fresh = false;         // there was no database
  bool was_initialized = false;  // as store::Recovered has it
  std::int64_t transactions = 0;
  std::int64_t took_ms = 0;
};

// The error says what is wrong and what to do, for people.
std::expected<Recovery, std::string> recover_state(Core& core, store::DataDirs& dirs);

}  // namespace quoll::server
