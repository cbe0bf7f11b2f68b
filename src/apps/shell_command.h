// The command `quoll shell`: a session with an ensemble, for people and for scripts.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// `arguments` are those after the word "shell": flags, then perhaps one command. Returns the exit code: 0 if the
// command, or the last one of the session, did what it was asked for; 1 if not; 2 for wrong arguments of the program;
// 127 for an unknown command.
int run_shell(std::span<const std::string> arguments);

}  // namespace quoll::apps
