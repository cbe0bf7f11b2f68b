// `quoll server`: runs one server as a process.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// `arguments`: those after the word "server". Returns the exit code, which is one of Apache's (docs/configuration.md).
int run_server(std::span<const std::string> arguments);

}  // namespace quoll::apps
