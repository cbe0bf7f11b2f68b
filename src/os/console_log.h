// Log lines on standard output or a file, through spdlog.
#pragma once

#include <memory>
#include <string>

#include "env/log.h"

namespace spdlog {
class logger;
}

namespace quoll::os {

class ConsoleLog : public env::Log {
 public:
  explicit ConsoleLog(env::Level least);
  ~ConsoleLog() override;
  void write(env::Level level, std::string_view line) override;
  [[nodiscard]] bool enabled(env::Level level) const override { return level >= least_; }
  void set_level(env::Level least) { least_ = least; }

 private:
  env::Level least_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace quoll::os
