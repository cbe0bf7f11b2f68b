// Restores a server's state from its data directories.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "server/core.h"
#include "store/data_dirs.h"

namespace quoll::server {

struct Recovery {
  std::unique_ptr<machine::State> state;
  std::int64_t czxid_max = 0;  // the greatest in the snapshot
  bool is_fresh = false;       // there was no database
  std::int64_t transactions = 0;
  std::int64_t took_ms = 0;
};

// The error says what is wrong and what to do, for people.
std::expected<Recovery, std::string> recover_state(Core& core, const store::DataDirs& dirs);

}  // namespace quoll::server
