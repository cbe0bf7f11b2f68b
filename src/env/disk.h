// Interface to files. Calls block: the loop makes them only during startup, later they run in a Worker. Written data is
// on stable storage after File::sync(); a created, renamed or removed name is after sync_directory().
#pragma once

#include <cerrno>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::env {

// Why a disk call failed. `code` is the errno value (ENOSPC, EIO, EACCES ...); `text` names the call and the path, for
// people.
struct DiskError {
  int code = 0;
  std::string text;
};

// The disk or the user's quota is full. Nothing is broken: the same call succeeds when space has been freed.
[[nodiscard]] inline bool is_out_of_space(const DiskError& error) {
  return error.code == ENOSPC || error.code == EDQUOT;
}

template <typename T>
using DiskResult = std::expected<T, DiskError>;

struct DirectoryEntry {
  std::string name;
  std::int64_t bytes = 0;
  bool is_directory = false;
  std::int64_t modified_ms = 0;
};

class File {
 public:
  virtual ~File() = default;  // closes the file
  // Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] virtual DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) = 0;
  // Writes all of `bytes` at `offset` and extends the file as needed. After an error a part may have been written.
  [[nodiscard]] virtual DiskResult<void> write(std::int64_t offset, std::string_view bytes) = 0;
  // fdatasync: after it the written data, and the file length needed to read it, are on stable storage.
  [[nodiscard]] virtual DiskResult<void> sync() = 0;
  // Sets the length. Added bytes read as zero.
  [[nodiscard]] virtual DiskResult<void> resize(std::int64_t bytes) = 0;
  [[nodiscard]] virtual DiskResult<std::int64_t> size() = 0;
};

enum class OpenMode {
  read,        // must exist
  update,      // must exist; read and write
  create,      // read and write; created if missing, truncated if it exists
  create_new,  // read and write; fails with EEXIST if it exists
  // As create; a new file is closed to everybody but its owner.
  create_private,
};

// Free space and size of a file system, in bytes.
struct DiskSpace {
  std::int64_t free = 0;  // available to this process, without the blocks reserved for root
  std::int64_t total = 0;
};

// A lock on a directory; destroying it releases the lock.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

// Another process that uses a directory.
struct DirectoryUser {
  std::string who;      // for a person: "pid 711 (java ... QuorumPeerMain /etc/zoo.cfg), which listens on port 2181"
  std::string path;     // what it has open; or what says that it uses the directory: its configuration
  bool writes = false;  // it has the file open for writing, or is a server of that directory
};

class Disk {
 public:
  virtual ~Disk() = default;
  [[nodiscard]] virtual DiskResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  [[nodiscard]] virtual DiskResult<std::vector<DirectoryEntry>> list(const std::string& directory) = 0;
  // nullopt if there is nothing at `path`.
  [[nodiscard]] virtual DiskResult<std::optional<DirectoryEntry>> stat(const std::string& path) = 0;
  // Creates the directory and its missing parents. Succeeds if it exists already.
  [[nodiscard]] virtual DiskResult<void> make_directories(const std::string& directory) = 0;
  [[nodiscard]] virtual DiskResult<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual DiskResult<void> remove(const std::string& path) = 0;
  // Gives a file a second name, which must not exist. Fails with EXDEV for another file system, and with EPERM or
  // EOPNOTSUPP where there are no links.
  [[nodiscard]] virtual DiskResult<void> link(const std::string& from, const std::string& to) {
    return std::unexpected(DiskError{EOPNOTSUPP, "cannot link " + from + " to " + to + ": not supported"});
  }
  [[nodiscard]] virtual DiskResult<void> sync_directory(const std::string& directory) = 0;
  // Of the file system that holds `path`, which must exist.
  [[nodiscard]] virtual DiskResult<DiskSpace> free_space(const std::string& path) = 0;
  // Takes an advisory lock on the file at `path`, which is created if missing. Fails with code EWOULDBLOCK if another
  // process holds it.
  [[nodiscard]] virtual DiskResult<std::unique_ptr<DirectoryLock>> lock(const std::string& path) = 0;
  // Processes other than this one that have something in these directories open, or are servers of them, as far as the
  // system lets this user see. They need not know of our locks.
  [[nodiscard]] virtual std::vector<DirectoryUser> other_users(const std::vector<std::string>&) { return {}; }
};

}  // namespace quoll::env
