// `quoll purge`: removes old snapshots and logs, as autopurge does, for those who do it by a timer of their own.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// `arguments`: those after the word "purge". Exit codes: 0 done, 1 a file can't be read or removed, 2 wrong arguments.
int run_purge(std::span<const std::string> arguments);

}  // namespace quoll::apps
