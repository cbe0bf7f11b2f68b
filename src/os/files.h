// The operating system's file system.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "env/disk.h"
#include "env/log.h"

namespace quoll::os {

// Creates files with mode 0640 and directories with 0750, before the umask. Opens only regular files. Thread-safe.
class PosixDisk : public env::Disk {
 public:
  // Strict: every unsupported call is an error.
  PosixDisk() = default;
  // Continues, with a warning for each directory, on file systems that cannot fsync a directory or have no locks: CIFS,
  // vboxsf, some NFS and FUSE. `log` must outlive the disk.
  explicit PosixDisk(env::Log& log) : log_(&log) {}

  [[nodiscard]] env::DiskResult<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  [[nodiscard]] env::DiskResult<std::vector<env::DirectoryEntry>> list(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<std::optional<env::DirectoryEntry>> stat(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> make_directories(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] env::DiskResult<void> remove(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> link(const std::string& from, const std::string& to) override;
  [[nodiscard]] env::DiskResult<void> sync_directory(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<env::DiskSpace> free_space(const std::string& path) override;
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string& path) override;
  [[nodiscard]] std::vector<env::DirectoryUser> other_users(const std::vector<std::string>& directories) override;

 private:
  void warn_once(const std::string& path, std::string_view what);

  env::Log* log_ = nullptr;
  std::mutex mutex_;  // for warned_, because workers sync directories too
  std::set<std::string> warned_;
};

}  // namespace quoll::os
