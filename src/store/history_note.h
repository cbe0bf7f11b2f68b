// quoll.history is a small file beside currentEpoch about a history that currentEpoch does not describe: while a leader
// brings a server up to date, its history changes first, and currentEpoch is written when it is complete.
//
//   "up to epoch <n>"  acceptedEpoch is n and later than currentEpoch, so the history may already have transactions of
//                      epochs up to n. Without the note that would mean that a file is missing or from another time.
//   "incomplete"       a leader asked to cut off more than this server could, or replaced its history by a state that
//                      ends before something that both have; or the database was empty although db.autocreate is
//                      false and there was no `initialize` file. Transactions that this server has acknowledged may
//                      be missing: it must not be elected, and its promise must not count.
//
// One rule: the first note is written before acceptedEpoch, the second one before the intent of the change is removed,
// or before the first snapshot of the empty database; both are removed after currentEpoch has been written
// (epoch_files.h). "incomplete" is never replaced by the other. An `initialize` file removes it from an empty database.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

struct HistoryNote {
  std::optional<Epoch> up_to;  // nullopt: incomplete
  friend bool operator==(const HistoryNote&, const HistoryNote&) = default;
};

// nullopt if there is none. The error is a sentence for people.
std::expected<std::optional<HistoryNote>, std::string> read_history_note(env::Disk& disk,
                                                                         const std::string& snapshot_dir);
// Makes it durable.
env::DiskResult<void> write_history_note(env::Disk& disk, const std::string& snapshot_dir, const HistoryNote& note);
// Makes it durable. Does nothing if there is none.
env::DiskResult<void> remove_history_note(env::Disk& disk, const std::string& snapshot_dir);

}  // namespace quoll::store
