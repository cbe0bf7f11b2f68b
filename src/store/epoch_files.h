// acceptedEpoch and currentEpoch: one decimal number each, replaced whole (org.apache.zookeeper.server.quorum.QuorumPeer).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

enum class EpochFile { accepted, current };

// nullopt: there is none. The error is a sentence for a person.
std::expected<std::optional<Epoch>, std::string> read_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which);

// Written beside, fsynced, renamed, and the directory fsynced: after a power cut the old number stands there or the new one.
env::DiskResult<void> write_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch);

}  // namespace quoll::store
