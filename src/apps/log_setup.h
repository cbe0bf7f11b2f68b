// Sets up the log from the command line and the configuration, and handles its signals.
#pragma once

#include <expected>
#include <string>

#include "admin/facts.h"
#include "config/command_line.h"
#include "os/console_log.h"
#include "os/loop.h"
#include "server/server.h"

namespace quoll::apps {

// For the time before the configuration is known: applies --log-format and --log-file. The error is a sentence.
std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line);
// When the configuration is known: applies its level, and its format and file unless given on the command line.
std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line,
                                            const config::LogOutput& configured);

// SIGHUP reopens the log file, SIGUSR2 changes the level (next_level), SIGQUIT and SIGUSR1 log the server's state. The
// references must outlive the loop's last run.
void handle_signals(os::Loop& loop, os::ConsoleLog& log, server::Server& server, const admin::Facts& facts);

// The level after `now` in the cycle configured level, debug, trace.
env::Level next_level(env::Level now, env::Level configured);

}  // namespace quoll::apps
