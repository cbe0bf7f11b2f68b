#include "os/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

#include "os/descriptor.h"

namespace quoll::os {

namespace {

class FileLock : public env::DirectoryLock {
 public:
  explicit FileLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

enum class Outcome { held, by_another, not_offered, failed };

// Interprets the errno of a lock call. NFS without its lock daemon returns ENOLCK; CIFS and vboxsf return EOPNOTSUPP or
// EINVAL; FUSE returns ENOSYS.
Outcome outcome_of(int result) {
  if (result == 0) return Outcome::held;
  switch (errno) {
    case EWOULDBLOCK:
    case EACCES:
      return Outcome::by_another;
    case ENOLCK:
    case EOPNOTSUPP:
    case EINVAL:
    case ENOSYS:
      return Outcome::not_offered;
    default:
      return Outcome::failed;
  }
}

Outcome lock_record(int fd, int command) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return outcome_of(::fcntl(fd, command, &whole));
}

Outcome lock_by_any_means(int fd) {
  Outcome outcome = outcome_of(::flock(fd, LOCK_EX | LOCK_NB));
  if (outcome == Outcome::not_offered) outcome = lock_record(fd, F_OFD_SETLK);
  if (outcome == Outcome::not_offered) outcome = lock_record(fd, F_SETLK);
  return outcome;
}

}  // namespace

env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0) return failed("cannot open", path);
  auto lock = std::make_unique<FileLock>(fd);
  switch (lock_by_any_means(fd)) {
    case Outcome::held:
      return lock;
    case Outcome::by_another:
      errno = EWOULDBLOCK;
      break;
    case Outcome::not_offered:
      errno = EOPNOTSUPP;
      break;
    case Outcome::failed:
      break;
  }
  return failed("cannot lock", path);
}

}  // namespace quoll::os
