// Restores the state from files: the newest valid snapshot, then every transaction after it
// (org.apache.zookeeper.server.persistence.FileTxnSnapLog.restore, with stricter checks).
//
// First a change of the history that a crash has interrupted is ended (intent.h). Then everything is read and checked
// without changing anything: a refused start leaves the files as they were. Then, in this order: the `initialize` file
// is removed, the log is repaired (log_repair.h), and everything that was read is made durable with a new durable mark
// (persist_history.h). After a crash in between, the next start recovers the same history.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "store/data_dirs.h"
#include "store/log_cursor.h"
#include "store/options.h"
#include "store/snapshot_reader.h"

namespace quoll::store {

class RecoveryTarget : public SnapshotVisitor {
 public:
  // Discards everything. Called before each snapshot that is tried, so that a bad one leaves no traces.
  virtual void reset() = 0;
  // The snapshot was valid; `last` is the zxid in its name.
  virtual void on_snapshot_end(Zxid last, const SnapshotEnd& end) = 0;
  // The next transaction. An error, which is a sentence, stops recovery.
  virtual std::expected<void, std::string> on_transaction(const LogEntry& entry) = 0;
  // Progress for people who wait: bytes read, and bytes in total.
  virtual void on_recovery_progress(std::string_view phase, std::int64_t bytes, std::int64_t bytes_total) = 0;
};

struct Recovered {
  Zxid last;                     // the newest transaction of the history
  std::optional<Zxid> snapshot;  // the one it was recovered from; nullopt: started from an empty state
  std::int64_t transactions = 0;
  bool is_fresh = false;  // there was no database; an empty one was started
  // The "initialize" file existed. It has been removed if there is a database; if there is none, the caller removes it
  // when the first snapshot is on stable storage.
  bool was_initialized = false;
  // Data is missing, or may be: the database is new although db.autocreate is false and there was no "initialize" file,
  // or the history is incomplete (history_note.h). In an election this server counts as zxid -1.
  bool is_suspect = false;
  // The durable mark cannot be read, so acknowledged transactions may be missing behind the end of the log.
  bool may_lack_acknowledged = false;
  Reports reports;
};

// The error is for people: what is wrong, where, and what to do. When it returns, the recovered history is on stable
// storage. The caller must hold the directory lock; `wall_ms` is the wall clock, for names of copies. It may be called
// again when the history has been changed.
std::expected<Recovered, std::string> recover(DataDirs& dirs, const Options& options, std::int64_t wall_ms,
                                              RecoveryTarget& target);

}  // namespace quoll::store
