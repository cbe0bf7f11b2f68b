// What happens when the program ends unexpectedly: it always writes a line that says why.
#pragma once

#include <functional>

namespace quoll::apps {

// Installs handlers for uncaught exceptions in any thread and for failed allocations: they write a line to standard
// error and end the program with exit code 1.
void install_exit_handlers();

// Calls `command` and returns its exit code. If it throws, writes a line and returns 1.
int guarded(const std::function<int()>& command);

}  // namespace quoll::apps
