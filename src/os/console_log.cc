#include "os/console_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace quoll::os {

ConsoleLog::ConsoleLog(env::Level least)
    : least_(least),
      logger_(std::make_shared<spdlog::logger>("quoll", std::make_shared<spdlog::sinks::stdout_sink_mt>())) {
  logger_->set_level(spdlog::level::trace);
  logger_->set_pattern("%Y-%m-%d %H:%M:%S,%e [%l] %v");
  logger_->flush_on(spdlog::level::info);
}

ConsoleLog::~ConsoleLog() = default;

void ConsoleLog::write(env::Level level, std::string_view line) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::trace, spdlog::level::debug,
                                                          spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  logger_->log(kLevels[static_cast<int>(level)], "{}", line);
}

}  // namespace quoll::os
