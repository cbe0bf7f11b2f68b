// How the program ends when nothing else has an answer. No exception ends it without a line that says so.
#pragma once

#include <functional>

namespace quoll::apps {

// Makes what no one catches, in any thread, and memory that can't be had, end the program with a line on standard error
// and exit code 1.
void install_endings();

// Calls `command` and returns its exit code; 1, with a line, if it throws.
int guarded(const std::function<int()>& command);

}  // namespace quoll::apps
