// The process's log: lines in one of three formats, on standard output or in a file, formatted by spdlog.
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
  json,   // one object per line: time, level, message
  log4j,  // the layout of Apache ZooKeeper 3.9's logback.xml: %d{ISO8601} [myid:] - %-5p [%t:%C{1}@%L] - %m%n
};

// Logging never blocks, and repeated lines are limited: see LogQueue and LogThrottle. Thread-safe.
class ConsoleLog : public env::Log {
 public:
  static constexpr std::size_t kLineBytesMax = 8192;  // longer lines are truncated

  explicit ConsoleLog(env::Level least);
  // Writes to `descriptor`, which stays owned by the caller, instead of standard output.
  ConsoleLog(env::Level least, int descriptor);
  ~ConsoleLog() override;

  void write(env::Level level, std::string_view line) override;
  [[nodiscard]] bool enabled(env::Level level) const override { return level >= least_; }
  [[nodiscard]] env::Level level() const { return least_; }
  void set_level(env::Level least) { least_ = least; }
  void set_format(LogFormat format);
  // Appends lines from now on to the file, which is created if it is missing. The error is a sentence.
  std::expected<void, std::string> use_file(const std::string& path);
  // Reopens the file after a log rotation has renamed it. Does nothing without a file.
  void reopen();
  // Number of lines that could not be written.
  [[nodiscard]] std::int64_t dropped() const { return queue_.dropped(); }

 private:
  // Formats a line, including its end; requires mutex_.
  [[nodiscard]] std::string formatted(env::Level level, std::string_view line);
  [[nodiscard]] std::string summaries(bool all);

  std::atomic<env::Level> least_;
  std::mutex mutex_;  // for everything from here to queue_
  std::unique_ptr<spdlog::formatter> formatter_;
  LogThrottle throttle_;
  std::string file_;
  LogQueue queue_;
};

}  // namespace quoll::os
