// The two directories of a server: looked at, taken over, and listed.
//
// look() changes nothing, so it may be called while another server, which knows nothing of our lock, has the
// directories. Before take_over() makes, locks or removes anything the caller must be sure that there is none: its
// ports are taken (two servers on one zoo.cfg have the same), refuse_other_users() has found nobody, and nothing has
// changed since look(). Recovery asks the last again before it changes a log.
//
// Files of ours beside logs and snapshots: quoll.lock, whose lock says that a Quoll server lives here (the file stays),
// quoll.durable (durable_mark.h), log-<zxid>.cut-<time> (log_repair.h), and quoll-tmp.<name>, which a crash may leave
// half written and take_over() removes.
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
  // Refuses files in the place of directories, directories that may not be made, and swapped ones. Errors are sentences
  // for a person.
  static std::expected<DataDirs, std::string> look(env::Disk& disk, const Options& options);
  // Refuses directories into which another process writes, and warns of one that reads there.
  std::expected<void, std::string> refuse_other_users(env::Log& log) const;
  // The newest log is not ours, and a file was changed within the last seconds before `wall_ms`: a server that we can't
  // see, in another container or on another machine, may be writing.
  [[nodiscard]] bool was_just_written(std::int64_t wall_ms) const;
  // Since look().
  std::expected<void, std::string> refuse_changed() const;
  // Makes missing directories, locks them, and removes what a crash has left half written.
  std::expected<void, std::string> take_over(env::Log& log);
  // look() and take_over(), for those who are alone.
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
  [[nodiscard]] std::vector<std::string> both() const;
  std::expected<void, std::string> check(const std::string& directory, const Options& options) const;
  std::expected<void, std::string> lock(const std::string& directory);
  env::DiskResult<std::vector<StoreFile>> logs_and_snapshots() const;
  std::expected<void, std::string> refuse_swapped() const;
  void remove_leftovers(const std::string& directory, env::Log& log) const;

  env::Disk* disk_;
  std::string marker_dir_;
  std::string snapshot_dir_;
  std::string log_dir_;
  std::vector<StoreFile> seen_;  // logs and snapshots, when they were looked at
  std::vector<std::unique_ptr<env::DirectoryLock>> locks_;
};

}  // namespace quoll::store
