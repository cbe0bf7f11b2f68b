// Cuts the end off the history: what a leader asks for with TRUNC, because the transactions after a zxid are not in its
// history.
//
// Steps: the place is found and checked, what is kept is synced, and the bytes that will be cut off are copied to a
// file of their own; then an intent (intent.h) is made durable, and from there on a crash leads to the new history.
// Then the durable mark is moved back and synced, the log that contains the last transaction is cut and synced, later
// logs are set aside (set_aside.h), newest first, snapshots that contain more are removed, the directories are synced,
// and the intent is removed.
//
// A snapshot named before `to` may contain later transactions, because it is taken while the server works. One whose
// end says so is removed, too: replay over it would bring back what was cut off.
//
// If no snapshot is left on which the rest could be replayed, the history is given up: every file is set aside, what is
// left is zxid 0, and a note (history_note.h) says that this server has lost what it once acknowledged.
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

struct Truncation {
  // The newest transaction that is left: `to`, or an older one if `to` was not in this history; 0 if it was given up.
  Zxid last;
  bool is_given_up = false;
  // What was cut off, and where it is kept.
  Reports reports;
};

// The error is a sentence for people: then the process must end, and the next start finds the old history, or ends the
// truncation. When it returns, what is left is on stable storage.
std::expected<Truncation, std::string> truncate_history(const DataDirs& dirs, Zxid to, std::int64_t wall_ms);

// The steps after the intent. They may be repeated.
env::DiskResult<void> carry_out(const DataDirs& dirs, const TruncateIntent& intent, std::int64_t wall_ms,
                                Reports& reports);

}  // namespace quoll::store
