// acceptedEpoch and currentEpoch: files with one decimal number each, replaced atomically
// (org.apache.zookeeper.server.quorum.QuorumPeer).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

enum class EpochFile { accepted, current };

// nullopt if the file does not exist. The error is a sentence for people.
std::expected<std::optional<Epoch>, std::string> read_epoch(env::Disk& disk, const std::string& snapshot_dir,
                                                            EpochFile which);

// Writes a temporary file, fsyncs it, renames it and fsyncs the directory: after a power cut the file contains either
// the old or the new number. Writing currentEpoch ends what history_note.h is about: the history is complete.
env::DiskResult<void> write_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch);

struct Epochs {
  Epoch accepted;
  Epoch current;
};

// Loads both files for a server whose history ends at `last`, and creates missing ones. Fails if currentEpoch is older
// than the history, or newer than acceptedEpoch. It may be older if a leader's snapshot was just installed
// (history_note.h): then the older epoch counts. If the currentEpoch.tmp of an interrupted change is not older, its
// number counts. Each repair adds a line to `reports`.
std::expected<Epochs, std::string> load_epochs(env::Disk& disk, const std::string& snapshot_dir, Zxid last,
                                               std::vector<std::string>& reports);

}  // namespace quoll::store
