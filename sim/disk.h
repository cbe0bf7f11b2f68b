// A disk in memory that forgets, when the power is cut, whatever was not synced: content, lengths, and names in
// directories. Here is what a test does to it; sim/memory_file.h has how one file forgets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "env/disk.h"

namespace quoll::sim {

class Inode;

class MemoryDisk : public env::Disk {
 public:
  MemoryDisk();
  ~MemoryDisk() override;

  [[nodiscard]] env::DiskResult<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  [[nodiscard]] env::DiskResult<std::vector<env::DirectoryEntry>> list(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<std::optional<env::DirectoryEntry>> stat(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> make_directories(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] env::DiskResult<void> remove(const std::string& path) override;
  [[nodiscard]] env::DiskResult<void> sync_directory(const std::string& directory) override;
  [[nodiscard]] env::DiskResult<env::DiskRoom> room(const std::string& path) override;
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string& path) override;
  [[nodiscard]] std::vector<env::DirectoryUser> other_users(const std::vector<std::string>&) override { return users; }

  // Other processes that have something in the directories open.
  std::vector<env::DirectoryUser> users;
  // The time of day for files that are written from now on; without it all are as old as the world.
  std::function<std::int64_t()> wall_ms;

  // The power goes and comes back: all that was not synced is lost, locks are free, and files opened before answer EIO.
  void cut();
  // The same on a disk that had begun to write by itself: of what was not synced, each sector of 512 bytes, each length
  // and each change of a directory survives or not by chance.
  void cut(base::Prng& chance);

  // The call that changes something after `calls` more such calls fails, and so does every call after it, until cut().
  // A write that is hit leaves the first half of its bytes.
  void power_off_after(std::int64_t calls) { calls_left_ = calls; }
  [[nodiscard]] bool is_off() const { return calls_left_ < 0; }
  // Calls so far that change something.
  [[nodiscard]] std::int64_t changes() const { return changes_; }

  enum class Call {
    open,
    read,
    write,
    sync,
    resize,
    rename,
    remove,
    sync_directory,
    list,
    stat,
    lock,
    make_directories
  };
  // Of the calls on paths that contain `path_part`, `skip` succeed and the next `times` fail. As on Linux, a sync that
  // fails leaves the pages readable and clean: a later sync succeeds without writing them.
  struct Fault {
    Call call = Call::write;
    std::string path_part;
    int code = 5;  // EIO
    int skip = 0;
    int times = 1;
  };
  void inject(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }

  // The write after `writes` more lands in a wrong place, and nobody is told: a page further on in its file, or at the
  // same offset of another file of its directory, which `chance` draws.
  enum class Astray { further_on, other_file };
  void misdirect_after(std::int64_t writes, Astray where, std::uint64_t chance = 0) {
    writes_to_astray_ = writes;
    astray_ = where;
    astray_chance_ = chance;
  }
  [[nodiscard]] bool has_misdirected() const { return writes_to_astray_ < 0; }

  // What all files together may hold; of a write beyond it goes in what needs no new page, then it ends with ENOSPC.
  // Lengths cost nothing, only what was written does, in whole pages.
  void set_capacity(std::int64_t bytes) { capacity_ = bytes; }
  [[nodiscard]] std::int64_t used() const;
  // Of the calls that change something, the one after `calls` more fails once with this code.
  void fail_after(std::int64_t calls, int code) {
    failing_call_ = changes_ + calls + 1;
    failing_code_ = code;
  }

  // For tests that damage files: what a reader sees now; and a whole file put there, durable at once.
  [[nodiscard]] std::string content(const std::string& path) const;
  void put(const std::string& path, std::string_view bytes);
  // Whatever happens, a power cut now would leave this file with these bytes from `offset` on.
  [[nodiscard]] std::string durable_content(const std::string& path, std::int64_t offset = 0) const;
  // Names in a directory that a power cut would leave.
  [[nodiscard]] std::vector<std::string> durable_names(const std::string& directory) const;

 private:
  friend class MemoryFile;
  friend class MemoryLock;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;  // a directory has no inode
  struct Change {
    enum Kind { add, drop, move } kind;
    std::string path;
    std::string to;
    std::shared_ptr<Inode> inode;
  };

  // Counts the call and says whether it fails.
  [[nodiscard]] env::DiskResult<void> admit(Call call, const std::string& path);
  static void apply(const Change& change, Names& names);
  void change(Change change);
  // Where bytes meant for this place go.
  [[nodiscard]] std::pair<std::shared_ptr<Inode>, std::int64_t> place_of(const std::string& path,
                                                                         const std::shared_ptr<Inode>& inode,
                                                                         std::int64_t offset);
  void restart(Names names);

  Names names_;
  Names durable_names_;
  std::vector<Change> unsynced_;
  std::set<std::string> locked_;
  std::vector<Fault> faults_;
  std::int64_t calls_left_ = INT64_MAX;
  std::int64_t changes_ = 0;
  std::int64_t capacity_ = INT64_MAX;
  std::int64_t failing_call_ = 0;
  int failing_code_ = 0;
  std::int64_t writes_to_astray_ = INT64_MAX;
  Astray astray_ = Astray::further_on;
  std::uint64_t astray_chance_ = 0;
  std::int64_t generation_ = 0;  // of power
};

}  // namespace quoll::sim
