// `quoll server`: one member of an ensemble as a process.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// The arguments behind the word "server". Returns the process's exit code (Apache's: docs/configuration.md).
int run_server(std::span<const std::string> arguments);

}  // namespace quoll::apps
