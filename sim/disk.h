// A disk in memory that loses in a power failure what was not synced: content, lengths, and names in directories. Tests
// can inject faults. sim/memory_file.h has the content of one file.
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
  [[nodiscard]] env::DiskResult<env::DiskSpace> free_space(const std::string& path) override;
  [[nodiscard]] env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string& path) override;
  [[nodiscard]] std::vector<env::DirectoryUser> other_users(const std::vector<std::string>&) override { return users; }

  // Other processes that have something in the directories open.
  std::vector<env::DirectoryUser> users;
  // The time of day for files that are written from now on; without it all are as old as the world.
  std::function<std::int64_t()> wall_ms;

  // Another, empty disk is in its place. Call while nothing uses it.
  void wipe();

  // A power failure: everything not synced is lost, locks are released, and files opened before return EIO.
  void cut();
  // A power failure while the system was writing: of what was not synced, each sector of 512 bytes, each length and
  // each change of a directory survives or not at random.
  void cut(base::Prng& chance);

  // After `calls` more calls that change something, every call fails until cut(). If the first failing call is a write,
  // it writes the first half of its bytes.
  void power_off_after(std::int64_t calls) { calls_left_ = calls; }
  [[nodiscard]] bool is_off() const { return calls_left_ < 0; }
  // The number of calls so far that change something.
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
  // Of the calls on paths that contain `path_part`, the first `skip` succeed and the next `times` fail. As on Linux,
  // after a failed sync the pages are readable and clean: a later sync succeeds without writing them.
  struct Fault {
    Call call = Call::write;
    std::string path_part;
    int code = 5;  // EIO
    int skip = 0;
    int times = 1;
  };
  void inject(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }

  // The write after `writes` more goes to a wrong place without an error: a page further on in its file, or the same
  // offset of another file in its directory, which `chance` selects.
  enum class Astray { further_on, other_file };
  void misdirect_after(std::int64_t writes, Astray where, std::uint64_t chance = 0) {
    writes_to_astray_ = writes;
    astray_ = where;
    astray_chance_ = chance;
  }
  [[nodiscard]] bool has_misdirected() const { return writes_to_astray_ < 0; }

  // The capacity for all files together. A write beyond it writes what needs no new page, then returns ENOSPC. Only
  // pages that were written count, not lengths.
  void set_capacity(std::int64_t bytes) { capacity_ = bytes; }
  [[nodiscard]] std::int64_t used() const;
  // The call that changes something after `calls` more such calls fails once with this code.
  void fail_after(std::int64_t calls, int code) {
    failing_call_ = changes_ + calls + 1;
    failing_code_ = code;
  }

  // For tests that damage files: the content that a reader sees; and writing a whole file, durable at once.
  [[nodiscard]] std::string content(const std::string& path) const;
  void put(const std::string& path, std::string_view bytes);
  // The content from `offset` on that would certainly survive a power failure now.
  [[nodiscard]] std::string durable_content(const std::string& path, std::int64_t offset = 0) const;
  // The names in a directory that would survive a power failure now.
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

  // Counts the call and returns an error if it must fail.
  [[nodiscard]] env::DiskResult<void> admit(Call call, const std::string& path);
  static void apply(const Change& change, Names& names);
  void change(Change change);
  // Where bytes for this place are written; differs for a misdirected write.
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
  std::int64_t generation_ = 0;  // incremented by each power failure
};

}  // namespace quoll::sim
