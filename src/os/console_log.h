// The process's log: lines in one of three formats, on standard output or in a file, through spdlog's formatter.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include "env/log.h"
#include "os/log_queue.h"
#include "os/log_throttle.h"

namespace spdlog {
class formatter;
}

namespace quoll::os {

enum class LogFormat {
  text,   // 2026-01-31 12:00:00,123+01:00 [info] message
  json,   // an object a line: time, level, message
  log4j,  // as Apache ZooKeeper 3.9's logback.xml has it: %d{ISO8601} [myid:] - %-5p [%t:%C{1}@%L] - %m%n
};

// Never waits for its output, and repeats no line without end: see LogQueue and LogThrottle. For any thread.
class ConsoleLog : public env::Log {
 public:
  static constexpr std::size_t kLineBytesMax = 8192;  // of a line; what is longer is cut

  explicit ConsoleLog(env::Level least);
  // On `descriptor`, which stays the caller's, instead of standard output.
  ConsoleLog(env::Level least, int descriptor);
  ~ConsoleLog() override;

  void write(env::Level level, std::string_view line) override;
  [[nodiscard]] bool enabled(env::Level level) const override { return level >= least_; }
  [[nodiscard]] env::Level level() const { return least_; }
  void set_level(env::Level least) { least_ = least; }
  void set_format(LogFormat format);
  // From now on lines are appended to the file, which is made if it is missing. The error is a sentence.
  std::expected<void, std::string> use_file(const std::string& path);
  // Opens the file anew, after a log rotation has renamed it. Without a file: nothing.
  void reopen();
  // Lines that the output has not taken.
  [[nodiscard]] std::int64_t dropped() const { return queue_.dropped(); }

 private:
  // Formatted, with its end; mutex_ is held.
  [[nodiscard]] std::string formatted(env::Level level, std::string_view line);
  [[nodiscard]] std::string summaries(bool all);

  std::atomic<env::Level> least_;
  std::mutex mutex_;  // of all between here and queue_
  std::unique_ptr<spdlog::formatter> formatter_;
  LogThrottle throttle_;
  std::string file_;
  LogQueue queue_;
};

}  // namespace quoll::os
