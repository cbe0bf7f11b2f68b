// quoll backup and quoll restore: copies of a server's state, and servers from copies.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// Exit codes: 0 done, or good; 1 refused, or damaged; 2 wrong arguments; 3 a disk or a connection has failed.
int run_backup(std::span<const std::string> arguments);
int run_restore(std::span<const std::string> arguments);

}  // namespace quoll::apps
