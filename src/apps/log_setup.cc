#include "apps/log_setup.h"

#include <algorithm>
#include <csignal>

#include "admin/state_dump.h"

namespace quoll::apps {

namespace {

os::LogFormat format_of(config::LogFormat format) {
  switch (format) {
    case config::LogFormat::text:
      break;
    case config::LogFormat::json:
      return os::LogFormat::json;
    case config::LogFormat::log4j:
      return os::LogFormat::log4j;
  }
  return os::LogFormat::text;
}

std::string_view name_of(env::Level level) {
  static constexpr std::string_view kNames[] = {"trace", "debug", "info", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

}  // namespace

std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line) {
  if (line.log_format) log.set_format(format_of(*line.log_format));
  if (line.log_file) return log.use_file(*line.log_file);
  return {};
}

std::expected<void, std::string> set_up_log(os::ConsoleLog& log, const config::CommandLine& line,
                                            const config::LogOutput& configured) {
  log.set_level(configured.level);
  if (!line.log_format) log.set_format(format_of(configured.format));
  if (!line.log_file && !configured.file.empty()) return log.use_file(configured.file);
  return {};
}

env::Level next_level(env::Level now, env::Level configured) {
  if (now == env::Level::trace) return configured == env::Level::trace ? env::Level::debug : configured;
  return now == env::Level::debug ? env::Level::trace : env::Level::debug;
}

void handle_signals(os::Loop& loop, os::ConsoleLog& log, server::Server& server, const admin::Facts& facts) {
  loop.on_signals({SIGHUP}, [&log](int) {
    log.reopen();
    log.info("Signal 1 (SIGHUP): the log file, if there is one, was opened anew");
  });
  loop.on_signals({SIGUSR2}, [&log, configured = log.level()](int) {
    log.set_level(next_level(log.level(), configured));
    log.write(log.level(), fmt::format("Signal 12 (SIGUSR2): the level of the log is {} now", name_of(log.level())));
  });
  loop.on_signals({SIGQUIT, SIGUSR1}, [&](int) {
    for (const std::string& state : admin::state_dump(server, facts))
      log.write(std::max(log.level(), env::Level::info), state);
  });
}

}  // namespace quoll::apps
