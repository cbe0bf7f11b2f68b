// The log as the command line and the configuration want it, and what signals do to it.
#pragma once

#include <expected>
#include <string>

#include "admin/facts.h"
#include "config/command_line.h"
#include "os/console_log.h"
#include "os/loop.h"
#include "server/server.h"

namespace quoll::apps {

// From the first line on: --log-format and --log-file. The error is a sentence.
std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line);
// When the configuration is known: its level, and its form and file where no argument goes before them.
std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line,
                                            const config::LogOutput& configured);

// SIGHUP opens the log file anew, SIGUSR2 changes the level (next_level), SIGQUIT and SIGUSR1 write the server's state.
// All references outlive the loop's last run.
void obey_signals(os::Loop& loop, os::ConsoleLog& log, server::Server& server, const admin::Facts& facts);

// The level behind `now` on the way from the configured one over debug and trace back.
env::Level next_level(env::Level now, env::Level configured);

}  // namespace quoll::apps
