// acceptedEpoch and currentEpoch: one decimal number each, replaced whole
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

// nullopt: there is none. The error is a sentence for a person.
std::expected<std::optional<Epoch>, std::string> read_epoch(env::Disk& disk, const std::string& snapshot_dir,
                                                            EpochFile which);

// Written beside, fsynced, renamed, and the directory fsynced: after a power cut the old number stands there or the new
// one.
env::DiskResult<void> write_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch);

struct Epochs {
  Epoch accepted;
  Epoch current;
};

// Both files, as a server with history up to `last` may have them; missing ones are made. Refused: a current epoch
// older than the history (unless a currentEpoch.tmp of a crash says better) or newer than the accepted one. `reports`
// gets a line for each thing mended.
std::expected<Epochs, std::string> load_epochs(env::Disk& disk, const std::string& snapshot_dir, Zxid last,
                                               std::vector<std::string>& reports);

}  // namespace quoll::store
