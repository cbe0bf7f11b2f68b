// A file descriptor that is closed with its owner, and the error of the call that has just failed.
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

// What files and directories are made with, less what the umask takes away: data may hold secrets, and ACLs count for
// nothing on disk.
inline constexpr unsigned kFileMode = 0640;
inline constexpr unsigned kPrivateFileMode = 0600;
inline constexpr unsigned kDirectoryMode = 0750;

// Opens /dev/null in place of those of the three standard descriptors that are closed: else the next file that is
// opened, a transaction log perhaps, would get the number that log lines are written to.
void open_standard_descriptors();

// errno's value, and a sentence with the call, the path and the system's words.
std::unexpected<env::DiskError> failed(std::string_view call, const std::string& path);

}  // namespace quoll::os
