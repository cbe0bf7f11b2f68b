// The amount of memory available to this process.
#pragma once

#include <cstdint>
#include <string>

namespace quoll::os {

// The machine's memory, or the smaller limit of the control group (memory.max and memory.high, or, in version 1,
// memory.limit_in_bytes) or of `ulimit -v`. `root` is prefixed to /proc and
// /sys.
std::int64_t memory_bytes(const std::string& root = "");

// What this process uses: what the kernel counts, or, if that is above `limit`, only what is in use of it. What was
// freed is used again before the process takes more from the kernel.
std::int64_t memory_used_bytes(std::int64_t limit);

}  // namespace quoll::os
