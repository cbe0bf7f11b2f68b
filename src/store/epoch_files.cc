#include "store/epoch_files.h"

#include <fmt/format.h>

#include "store/small_file.h"

namespace quoll::store {

namespace {
std::string path_of(const std::string& snapshot_dir, EpochFile which) {
  return fmt::format("{}/{}", snapshot_dir, which == EpochFile::accepted ? "acceptedEpoch" : "currentEpoch");
}
}  // namespace

std::expected<std::optional<Epoch>, std::string> read_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which) {
  const std::string path = path_of(snapshot_dir, which);
  const auto text = read_small_file(disk, path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto number = decimal(**text);
  if (!number || *number < 0 || *number > INT32_MAX) {
    return std::unexpected(fmt::format("{} holds no epoch (a number from 0 to {}). Restore it, or let this server join with empty directories", path,
                                       INT32_MAX));
  }
  return Epoch{*number};
}

env::DiskResult<void> write_epoch(env::Disk& disk, const std::string& snapshot_dir, EpochFile which, Epoch epoch) {
  const std::string path = path_of(snapshot_dir, which);
  return replace_small_file(disk, snapshot_dir, path, fmt::format("{}", epoch.value()));
}

}  // namespace quoll::store
