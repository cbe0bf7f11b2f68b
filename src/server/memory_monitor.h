// Measures the memory that the process uses, every second and after many bytes of transactions. Above the limit
// requests that make the data larger are refused; reads, deletes, sessions and everything that makes the data smaller
// go on. Without this the kernel would end the process, and every restart after it, at the limit of its control group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "server/core.h"
#include "types/requests.h"

namespace quoll::server {

class MemoryMonitor {
 public:
  explicit MemoryMonitor(Core& core) : core_(core) {}

  // Measures at once. Does nothing without a limit.
  void start();
  // `bytes` have been appended to the log.
  void on_append(std::size_t bytes);

 private:
  void check();
  void check_later();

  Core& core_;
  std::int64_t appended_bytes_ = 0;  // since the last check
  std::unique_ptr<env::Timer> timer_;
};

// Whether the request makes the data larger: it creates a znode, or sets data longer than the znode has. A multi does
// if one of its operations does.
[[nodiscard]] bool makes_larger(const RequestBody& request, const tree::Tree& tree);

}  // namespace quoll::server
