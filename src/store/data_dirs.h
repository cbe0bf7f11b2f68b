// The two data directories of a server: examines them, takes them over, and lists their files.
//
// look() changes nothing, so it may run while another server, which does not know our lock, uses the directories.
// take_over() creates, locks and removes files. Before calling it the caller must be sure that there is no other
// server: the client ports are bound (two servers on one zoo.cfg have the same ports), refuse_other_users() has found
// no process, and nothing has changed since look(). Recovery checks the last again before it changes a log.
//
// Our files beside logs and snapshots: quoll.lock, whose lock means that a Quoll server is running (the file stays),
// quoll.durable (durable_mark.h), quoll.intent (intent.h), quoll.history (history_note.h), log-<zxid>.cut-<time> and
// snapshot-<zxid>.cut-<time> (set_aside.h), and quoll-tmp.<name>, which a crash may leave incomplete and take_over()
// removes.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/disk.h"
#include "env/log.h"
#include "store/options.h"
#include "types/ids.h"

namespace quoll::store {

struct StoreFile {
  Zxid zxid;  // from the file name
  std::string name;
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t modified_ms = 0;
};

class DataDirs {
 public:
  // Refuses files in place of directories, directories that must not be created, and swapped ones. Errors are sentences
  // for people.
  static std::expected<DataDirs, std::string> look(env::Disk& disk, const Options& options);
  // Refuses directories to which another process writes, and warns about a process that reads them.
  std::expected<void, std::string> refuse_other_users(env::Log& log) const;
  // True if the newest log is not ours and a file was changed within the last seconds before `wall_ms`: a server that
  // we cannot see, in another container or on another machine, may be writing.
  [[nodiscard]] bool was_just_written(std::int64_t wall_ms) const;
  // Fails if files have changed since look(), unless the changes are our own.
  std::expected<void, std::string> refuse_changed() const;
  // From now on this server changes the files: refuse_changed() has nothing to compare any more.
  void own_changes() { seen_.reset(); }
  // Creates missing directories, locks them, and removes incomplete files left by a crash.
  std::expected<void, std::string> take_over(env::Log& log);
  // look() and take_over(), for callers that need no other checks.
  static std::expected<DataDirs, std::string> open(env::Disk& disk, const Options& options, env::Log& log);

  [[nodiscard]] const std::string& snapshot_dir() const { return snapshot_dir_; }  // .../version-2
  [[nodiscard]] const std::string& log_dir() const { return log_dir_; }            // .../version-2
  // Newest first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> snapshots() const;
  // Oldest first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> logs() const;
  // What was cut off or taken out of the history: logs, oldest first, then snapshots, oldest first.
  [[nodiscard]] env::DiskResult<std::vector<StoreFile>> cuts() const;

  // The file `initialize`, with which an operator confirms that the database may be empty. It is valid once.
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
  std::optional<std::vector<StoreFile>> seen_;  // logs and snapshots found by look(), until own_changes()
  std::vector<std::unique_ptr<env::DirectoryLock>> locks_;
};

}  // namespace quoll::store
