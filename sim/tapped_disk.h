// The disk as one process sees it: every call is added to the trace, the process can be ended at any change, and
// on_remove is called before a file is removed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "env/disk.h"
#include "sim/disk.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class TappedDisk : public env::Disk {
 public:
  TappedDisk(MemoryDisk& disk, Scheduler& scheduler) : disk_(disk), scheduler_(scheduler) {}

  [[nodiscard]] env::DiskResult<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  [[nodiscard]] env::DiskResult<std::vector<env::DirectoryEntry>> list(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<std::optional<env::DirectoryEntry>> stat(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> make_directories(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] env::DiskResult<void> remove(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> sync_directory(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<env::DiskSpace> free_space(const std::string& path) override;
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string& path) override;

  [[nodiscard]] std::vector<env::DirectoryUser> other_users(const std::vector<std::string>& directories) override {
    return disk_.other_users(directories);
  }

  // Ends the process: its further calls have no effect.
  void die() { changes_left_ = 0; }
  // Ends the process at the change after this many more.
  void die_after(std::int64_t changes) { changes_left_ = changes; }
  [[nodiscard]] bool is_dead() const { return changes_left_ <= 0; }
  // A new process begins.
  void revive() { changes_left_ = INT64_MAX; }

  // Before a file is removed.
  std::function<void(const std::string& path)> on_remove;
  // Before a file loses its end, or gets another content.
  std::function<void(const std::string& path)> on_cut;

 private:
  friend class TappedFile;
  enum class Kind { look, change };
  // Returns false if the process has ended.
  [[nodiscard]] bool note(std::string_view call, const std::string& path, Kind kind, std::int64_t amount = 0);

  MemoryDisk& disk_;
  Scheduler& scheduler_;
  std::int64_t changes_left_ = INT64_MAX;
};

}  // namespace quoll::sim
