// Puts a snapshot that a leader has sent, or a client has uploaded, in the place of the whole history.
//
// Steps: the file is complete and synced under a temporary name; its directory is synced, and an intent (intent.h) is
// made durable; from there on a crash leads to the new history. Then the old snapshots and logs are taken out of the
// history, the file gets its name, the durable mark is set to its zxid, the directories are synced, a note that
// currentEpoch is still to come (history_note.h) is made durable, and the intent is removed. A log that stayed would be
// replayed on top of the snapshot, and an older snapshot would be one of another history.
//
// The newest old snapshot and the logs after it are set aside (set_aside.h), in case the leader's state is not what it
// should be: a leader that has lost its data makes every server that follows it lose the same. What is older than that
// is removed, also what an earlier installation has set aside.
//
// All calls block: they run on a worker, or before the loop. No LogWriter may have a file open, and no snapshot may be
// under way.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "store/data_dirs.h"
#include "store/intent.h"
#include "store/log_cursor.h"

namespace quoll::store {

// Complete and synced, as SnapshotReceiver leaves it; the names are those of files in the snapshot directory.
struct ReceivedSnapshot {
  Zxid at;
  std::string temporary_name;
  std::string name;
};

// `loss`: `none` if nothing that this server had beyond the snapshot can be committed. If it is possible, and the old
// history ends later than the snapshot, a note says so (history_note.h).
//
// Returns lines that say where the old files are. The error is a sentence for people: then the process must end, and
// the next start finds the old history, or ends the installation. When it returns, the history is on stable storage.
std::expected<Reports, std::string> install_snapshot(const DataDirs& dirs, const ReceivedSnapshot& received, Loss loss,
                                                     std::int64_t wall_ms);

// The steps after the intent. They may be repeated.
env::DiskResult<void> carry_out(const DataDirs& dirs, const InstallIntent& intent, std::int64_t wall_ms,
                                Reports& reports);

}  // namespace quoll::store
