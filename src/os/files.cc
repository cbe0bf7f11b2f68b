#include "os/files.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "os/descriptor.h"
#include "os/directory_users.h"
#include "os/file_lock.h"

namespace quoll::os {

namespace {

using env::DiskError;
using env::DiskResult;

// After an emergency remount by the kernel ext4 writes nothing but reports success. Sets errno if it returns true.
bool is_read_only(int fd) {
  struct statvfs system{};
  if (::fstatvfs(fd, &system) != 0) return true;
  errno = EROFS;
  return (system.f_flag & ST_RDONLY) != 0;
}

class PosixFile : public env::File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(fd_.get(), out.data() + done, out.size() - done, offset + static_cast<std::int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("cannot read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  DiskResult<void> write(std::int64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), offset);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed("cannot write", path_);
      if (put == 0) {
        // There is no errno for this, and the next call need not be better.
        errno = EIO;
        return failed("write returned 0 for", path_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += put;
    }
    return {};
  }
  DiskResult<void> sync() override {
    // Not retried: after a failed fsync the kernel may have dropped what it could not write.
    if (::fdatasync(fd_.get()) != 0 || is_read_only(fd_.get())) return failed("cannot fdatasync", path_);
    return {};
  }
  DiskResult<void> resize(std::int64_t bytes) override {
    while (::ftruncate(fd_.get(), bytes) != 0) {
      if (errno != EINTR) return failed("cannot resize", path_);
    }
    return {};
  }
  DiskResult<std::int64_t> size() override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return failed("cannot stat", path_);
    return info.st_size;
  }

 private:
  Descriptor fd_;
  std::string path_;
};

int flags_of(env::OpenMode mode) {
  switch (mode) {
    case env::OpenMode::read:
      return O_RDONLY;
    case env::OpenMode::update:
      return O_RDWR;
    case env::OpenMode::create:
    case env::OpenMode::create_private:
      return O_RDWR | O_CREAT | O_TRUNC;
    case env::OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

env::DirectoryEntry entry_of(std::string name, const struct stat& info) {
  return {std::move(name), info.st_size, S_ISDIR(info.st_mode),
          info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000};
}

std::string_view kind_of(const struct stat& info) {
  if (S_ISDIR(info.st_mode)) return "a directory";
  if (S_ISFIFO(info.st_mode)) return "a pipe";
  if (S_ISSOCK(info.st_mode)) return "a socket";
  return "a device";
}

// EINVAL and similar errors mean that the file system does not support this call at all: nothing has been lost. Any
// other error is a failure.
bool cannot_sync_directories(int code) {
  return code == EINVAL || code == EOPNOTSUPP || code == ENOSYS;
}

}  // namespace

std::unexpected<DiskError> failed(std::string_view call, const std::string& path) {
  const int code = errno;
  return std::unexpected(DiskError{code, fmt::format("{} {}: {}", call, path, std::strerror(code))});
}

void PosixDisk::warn_once(const std::string& path, std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (warned_.insert(path).second) log_->warn("{}", what);
}

DiskResult<std::unique_ptr<env::File>> PosixDisk::open(const std::string& path, env::OpenMode mode) {
  // Without O_NONBLOCK a pipe that nobody writes to would hold us here for ever; regular files know no such waiting.
  const mode_t permissions = mode == env::OpenMode::create_private ? kPrivateFileMode : kFileMode;
  const int fd = ::open(path.c_str(), flags_of(mode) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, permissions);
  if (fd < 0) return failed("cannot open", path);
  auto file = std::make_unique<PosixFile>(fd, path);
  struct stat info{};
  if (::fstat(fd, &info) != 0) return failed("cannot stat", path);
  if (S_ISREG(info.st_mode)) return file;
  return std::unexpected(DiskError{S_ISDIR(info.st_mode) ? EISDIR : EINVAL,
                                   fmt::format("cannot open {}: it is {}, not a file", path, kind_of(info))});
}

DiskResult<std::vector<env::DirectoryEntry>> PosixDisk::list(const std::string& directory) {
  DIR* const dir = ::opendir(directory.c_str());
  if (dir == nullptr) return failed("cannot list", directory);
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(dir, &::closedir);
  std::vector<env::DirectoryEntry> entries;
  errno = 0;
  while (const dirent* const item = ::readdir(dir)) {
    const std::string name = item->d_name;
    struct stat info{};
    if (name == "." || name == ".." || ::fstatat(::dirfd(dir), item->d_name, &info, 0) != 0) {
      errno = 0;  // removed between the two calls, or a dangling link
      continue;
    }
    entries.push_back(entry_of(name, info));
  }
  if (errno != 0) return failed("cannot list", directory);
  return entries;
}

DiskResult<std::optional<env::DirectoryEntry>> PosixDisk::stat(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return failed("cannot stat", path);
  }
  return entry_of(path.substr(path.rfind('/') + 1), info);
}

DiskResult<void> PosixDisk::make_directories(const std::string& directory) {
  for (std::size_t at = 1; at != std::string::npos && !directory.empty();) {
    at = directory.find('/', at);
    const std::string part = directory.substr(0, at);
    if (at != std::string::npos) ++at;
    if (::mkdir(part.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return failed("cannot make directory", part);
  }
  struct stat info{};
  if (::stat(directory.c_str(), &info) != 0) return failed("cannot stat", directory);
  if (!S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return failed("not a directory:", directory);
  }
  return {};
}

DiskResult<void> PosixDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("cannot rename to " + to + " from", from);
  return {};
}

DiskResult<void> PosixDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return failed("cannot remove", path);
  return {};
}

DiskResult<void> PosixDisk::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return failed("cannot link as " + to + ":", from);
  return {};
}

DiskResult<void> PosixDisk::sync_directory(const std::string& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return failed("cannot open directory", directory);
  if (::fsync(fd.get()) == 0 && !is_read_only(fd.get())) return {};
  const int code = errno;
  if (log_ == nullptr || !cannot_sync_directories(code)) return failed("cannot fsync directory", directory);
  warn_once(directory,
            fmt::format("{} is on a file system that cannot fsync a directory ({}). When the machine crashes or loses "
                        "its power, a new log or snapshot file may be gone with all that was acknowledged in it; a "
                        "crash of the server alone loses nothing. Put dataDir and dataLogDir on a local file system "
                        "such as ext4 or xfs; with quoll.requireDirectorySync=true the server does not start here",
                        directory, std::strerror(code)));
  return {};
}

DiskResult<env::DiskSpace> PosixDisk::free_space(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return failed("cannot get the free space of", path);
  const auto block = static_cast<std::int64_t>(info.f_frsize);
  return env::DiskSpace{static_cast<std::int64_t>(info.f_bavail) * block,
                        static_cast<std::int64_t>(info.f_blocks) * block};
}

DiskResult<std::unique_ptr<env::DirectoryLock>> PosixDisk::lock(const std::string& path) {
  auto held = lock_file(path);
  if (held || log_ == nullptr || held.error().code != EOPNOTSUPP) return held;
  warn_once(path, fmt::format("{} cannot be locked: its file system has neither flock nor record locks. Nothing keeps "
                              "a second server out of this directory; see to it that none is started",
                              path));
  return std::make_unique<env::DirectoryLock>();
}

std::vector<env::DirectoryUser> PosixDisk::other_users(const std::vector<std::string>& directories) {
  return directory_users(directories);
}

}  // namespace quoll::os
