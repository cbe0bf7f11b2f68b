// How much memory this process may have.
#pragma once

#include <cstdint>
#include <string>

namespace quoll::os {

// The machine's, or less where the process is in a control group or under `ulimit -v` that says so. `root` stands in
// front of /proc and /sys.
std::int64_t memory_bytes(const std::string& root = "");

}  // namespace quoll::os
