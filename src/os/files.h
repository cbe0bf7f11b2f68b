// The machine's file system.
#pragma once

#include "env/disk.h"

namespace quoll::os {

class PosixDisk : public env::Disk {
 public:
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  [[nodiscard]] env::DiskResult<std::vector<env::DirectoryEntry>> list(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<std::optional<env::DirectoryEntry>> stat(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> make_directories(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] env::DiskResult<void> remove(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> sync_directory(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<env::DiskRoom> room(const std::string& path) override;
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string& path) override;
};

}  // namespace quoll::os
