// The two directories of a server, found good, locked, and listed.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "env/disk.h"
#include "env/log.h"
#include "store/options.h"
#include "types/ids.h"

namespace quoll::store {

struct StoreFile {
  Zxid zxid;  // of its name
  std::string name;
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t modified_ms = 0;
};

class DataDirs {
 public:
  // Makes missing directories (if allowed), locks them, refuses swapped ones, and removes what a crash has left half
  // written. The error is a sentence for a person.
  static std::expected<DataDirs, std::string> open(env::Disk& disk, const Options& options, env::Log& log);

  [[nodiscard]] const std::string& snapshot_dir() const { return snapshot_dir_; }  // .../version-2
  [[nodiscard]] const std::string& log_dir() const { return log_dir_; }            // .../version-2
  // Newest first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> snapshots() const;
  // Oldest first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> logs() const;
  // What recovery has cut off logs, oldest log first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> cuts() const;

  // The file `initialize`, by which an operator says that an empty database is meant. It counts once.
  [[nodiscard]] env::DiskResult<bool> has_initialize_marker() const;
  [[nodiscard]] env::DiskResult<void> remove_initialize_marker() const;

  [[nodiscard]] env::Disk& disk() const { return *disk_; }

 private:
  DataDirs(env::Disk& disk, const Options& options);
  std::expected<void, std::string> prepare(const std::string& directory, const Options& options);
  std::expected<void, std::string> lock(const std::string& directory);
  std::expected<void, std::string> refuse_swapped() const;
  void remove_leftovers(const std::string& directory, env::Log& log) const;

  env::Disk* disk_;
  std::string marker_dir_;
  std::string snapshot_dir_;
  std::string log_dir_;
  std::vector<std::unique_ptr<env::DirectoryLock>> locks_;
};

}  // namespace quoll::store
