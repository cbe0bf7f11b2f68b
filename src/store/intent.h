// quoll.intent is a file beside the log for the time in which the history is changed in several steps: it says what the
// change ends with, so that a start after a crash can end it. docs/formats/log.md describes its bytes.
//
// Order: everything that the change needs is durable, then the intent is made durable, then the steps are made, each of
// which may be made again, then all is synced, then the intent is removed. So a crash leaves the old history, or the
// new one once recovery has ended the intent. The file is created by a rename, so it is complete or missing.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "store/data_dirs.h"

namespace quoll::store {

// The history is to end with `last` (truncate.h).
struct TruncateIntent {
  Zxid last;
  // The newest snapshot that is kept. Without one nothing can be recovered, so no log is kept either.
  std::optional<Zxid> base;
  // The newest log that is kept, and the offset at which it is cut; 0: it is kept as it is.
  std::optional<Zxid> log;
  std::int64_t offset = 0;
  friend bool operator==(const TruncateIntent&, const TruncateIntent&) = default;
};

// What a server may lack after a change of its history until a leader has sent it: committed transactions that it had.
enum class Loss { none, possible };

// The history is to be a snapshot and nothing else (install_snapshot.h).
struct InstallIntent {
  Zxid at;
  std::string received;  // the names of the complete file, before and after its renaming
  std::string name;
  Loss loss = Loss::possible;
  friend bool operator==(const InstallIntent&, const InstallIntent&) = default;
};

using Intent = std::variant<TruncateIntent, InstallIntent>;

// Makes it durable.
env::DiskResult<void> write_intent(const DataDirs& dirs, const Intent& intent);
// nullopt if there is none. The error is a sentence for people.
std::expected<std::optional<Intent>, std::string> read_intent(const DataDirs& dirs);
// Everything that the intent is about must be durable.
env::DiskResult<void> remove_intent(const DataDirs& dirs);

}  // namespace quoll::store
