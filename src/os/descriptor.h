// A file descriptor that is closed by its owner's destructor, and the error of a failed call.
#pragma once

#include <string>
#include <string_view>
#include <unistd.h>

#include "env/disk.h"

namespace quoll::os {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Permissions of new files and directories, before the umask: data may contain secrets, and ZooKeeper's ACLs do not
// apply on disk.
inline constexpr unsigned kFileMode = 0640;
inline constexpr unsigned kPrivateFileMode = 0600;
inline constexpr unsigned kDirectoryMode = 0750;

// Opens /dev/null for those of the three standard descriptors that are closed. Otherwise the next opened file, perhaps
// a transaction log, would get the number to which log lines are written.
void open_standard_descriptors();

// The errno value, and a sentence with the call, the path and the system's message.
std::unexpected<env::DiskError> failed(std::string_view call, const std::string& path);

}  // namespace quoll::os
