// From files back to state: the newest snapshot that proves itself, then every transaction after it
// (org.apache.zookeeper.server.persistence.FileTxnSnapLog.restore, with less trust).
//
// First everything is read and judged, and nothing is changed: a start that is refused leaves the files as they were.
// Then, in this order, the `initialize` file is removed, the log is repaired (log_repair.h), and what was read is made
// durable with a new durable mark (settle.h). A crash in between leaves files from which the next start recovers the
// same history.
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
  // Begins again from nothing: called before each snapshot that is tried, so that none leaves traces in the next.
  virtual void reset() = 0;
  // The snapshot is good; `last` is the zxid of its name.
  virtual void on_snapshot_end(Zxid last, const SnapshotEnd& end) = 0;
  // The next transaction. The error is a sentence: a transaction that can't be understood stops recovery.
  virtual std::expected<void, std::string> on_transaction(const LogEntry& entry) = 0;
  // Bytes of all bytes, for a person who waits.
  virtual void on_recovery_progress(std::string_view phase, std::int64_t bytes, std::int64_t bytes_total) = 0;
};

struct Recovered {
  Zxid last;                     // the newest transaction of the history
  std::optional<Zxid> snapshot;  // that it was recovered from; none: from an empty state
  std::int64_t transactions = 0;
  bool is_fresh = false;         // there was no database: an empty one begins here
  bool was_initialized = false;  // the "initialize" file was there, and is gone now
  // Fresh though db.autocreate is false and nobody said "initialize": data may be missing. In an election the server
  // counts as zxid -1.
  bool is_suspect = false;
  Reports reports;
};

// The error is for a person: what is wrong, where, what to do. Everything that counts as history is on stable storage
// afterwards. The caller has the directories for itself; `wall_ms` is the time of day, for names of what is cut off.
std::expected<Recovered, std::string> recover(const DataDirs& dirs, const Options& options, std::int64_t wall_ms,
                                              RecoveryTarget& target);

}  // namespace quoll::store
