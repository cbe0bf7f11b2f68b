// Files, as far as a coordination service needs them. Calls block: the loop makes them only at start; later they run in
// a Worker. What was written is on stable storage after sync() of the file, and a new, renamed or removed name after
// sync_directory().
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

// Why the disk said no. `code` is errno's value (ENOSPC, EIO, EACCES ...); `text` names the call and the path for
// people.
struct DiskError {
  int code = 0;
  std::string text;
};

// There is no room, or no more for this user: nothing is broken, and the same call succeeds when room has been made.
[[nodiscard]] inline bool is_out_of_room(const DiskError& error) {
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
  virtual ~File() = default;  // closes
  // Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] virtual DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) = 0;
  // Writes all of `bytes` at `offset`, extending the file as needed; an error may leave a part of it written.
  [[nodiscard]] virtual DiskResult<void> write(std::int64_t offset, std::string_view bytes) = 0;
  // fdatasync: what was written, and the length needed to read it, are on stable storage afterwards.
  [[nodiscard]] virtual DiskResult<void> sync() = 0;
  // Sets the length; new bytes read as zero.
  [[nodiscard]] virtual DiskResult<void> resize(std::int64_t bytes) = 0;
  [[nodiscard]] virtual DiskResult<std::int64_t> size() = 0;
};

enum class OpenMode {
  read,        // must exist
  update,      // must exist; read and write
  create,      // read and write; made if missing, emptied if not
  create_new,  // read and write; an existing file is an error (EEXIST)
  // As create; a new file is closed to everybody but its owner.
  create_private,
};

// What a file system has room for, in bytes.
struct DiskRoom {
  std::int64_t free = 0;  // for this process, without what is kept back for root
  std::int64_t total = 0;
};

// Held for as long as the process owns a directory; destroying it gives the directory back.
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
  // nullopt: nothing there.
  [[nodiscard]] virtual DiskResult<std::optional<DirectoryEntry>> stat(const std::string& path) = 0;
  // Makes the directory and the missing ones above it; fine when it exists already.
  [[nodiscard]] virtual DiskResult<void> make_directories(const std::string& directory) = 0;
  [[nodiscard]] virtual DiskResult<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual DiskResult<void> remove(const std::string& path) = 0;
  [[nodiscard]] virtual DiskResult<void> sync_directory(const std::string& directory) = 0;
  // Of the file system that holds `path`, which exists.
  [[nodiscard]] virtual DiskResult<DiskRoom> room(const std::string& path) = 0;
  // An advisory lock on `path` (a file, made if missing). An error with code EWOULDBLOCK: another process holds it.
  [[nodiscard]] virtual DiskResult<std::unique_ptr<DirectoryLock>> lock(const std::string& path) = 0;
  // Processes other than this one that have something in these directories open, or are servers of them, as far as the
  // system lets this user see. They need not know of our locks.
  [[nodiscard]] virtual std::vector<DirectoryUser> other_users(const std::vector<std::string>&) { return {}; }
};

}  // namespace quoll::env
