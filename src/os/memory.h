// The amount of memory available to this process.
#pragma once

#include <cstdint>
#include <string>

namespace quoll::os {

// The machine's memory, or the smaller limit of the control group or of `ulimit -v`. `root` is prefixed to /proc and
// /sys.
std::int64_t memory_bytes(const std::string& root = "");

}  // namespace quoll::os
