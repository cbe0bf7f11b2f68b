// A library to preload into a server: fsync of a directory and locks fail with errno values from the environment, as on
// file systems that do not support them. The variables are DIRECTORY_FSYNC, FLOCK, OFD_LOCK, RECORD_LOCK.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refused(const char* name) {
  const char* const value = getenv(name);
  if (value == NULL) return 0;
  errno = atoi(value);
  return 1;
}

int fsync(int fd) {
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) && refused("DIRECTORY_FSYNC")) return -1;
  return (int)syscall(SYS_fsync, fd);
}

int flock(int fd, int operation) { return refused("FLOCK") ? -1 : (int)syscall(SYS_flock, fd, operation); }

int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_OFD_SETLK && refused("OFD_LOCK")) return -1;
  if (command == F_SETLK && refused("RECORD_LOCK")) return -1;
  return (int)syscall(SYS_fcntl, fd, command, argument);
}

int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return fcntl64(fd, command, argument);
}
