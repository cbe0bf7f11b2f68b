// quoll log, quoll snapshot, quoll data: look into the files of a server, Apache's or Quoll's, plain or compressed.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// Exit codes: 0 good, 1 damaged or different, 2 wrong arguments, 3 a file cannot be read.
int run_log(std::span<const std::string> arguments);
int run_snapshot(std::span<const std::string> arguments);
int run_data(std::span<const std::string> arguments);

}  // namespace quoll::apps
