// quoll undelete: brings a subtree back that was deleted, by ordinary requests to a running ensemble.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// Exit codes: 0 done; 1 refused, or done in part; 2 wrong arguments; 3 a disk or a connection has failed.
int run_undelete(std::span<const std::string> arguments);

}  // namespace quoll::apps
