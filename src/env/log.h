// Interface to the operator's log. One line per event: what happened, where, and what to do. The caller escapes client
// strings (base::escaped). Secrets are never logged.
#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace quoll::env {

enum class Level { trace, debug, info, warn, error };

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(Level level, std::string_view line) = 0;
  [[nodiscard]] virtual bool enabled(Level level) const = 0;

  template <typename... Args>
  void debug(fmt::format_string<Args...> form, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, fmt::format(form, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void info(fmt::format_string<Args...> form, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(form, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> form, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, fmt::format(form, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void error(fmt::format_string<Args...> form, Args&&... args) {
    if (enabled(Level::error)) write(Level::error, fmt::format(form, std::forward<Args>(args)...));
  }
};

}  // namespace quoll::env
