#include "os/console_log.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "os/descriptor.h"

namespace quoll::os {

namespace {

spdlog::level::level_enum spdlog_level(env::Level level) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::trace, spdlog::level::debug,
                                                          spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<int>(level)];
}

// log4j's %-5p.
class JavaLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    static constexpr std::string_view kNames[] = {"TRACE", "DEBUG", "INFO ", "WARN ", "ERROR"};
    const std::string_view name = kNames[std::min<std::size_t>(message.level, std::size(kNames) - 1)];
    out.append(name.data(), name.data() + name.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JavaLevel>(); }
};

// The message, escaped for a JSON string.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    // File names need not be valid UTF-8, but JSON must be.
    for (const char c : base::java_decoded({message.payload.data(), message.payload.size()})) {
      if (c == '"' || c == '\\') out.push_back('\\');
      if (static_cast<unsigned char>(c) >= 0x20) {
        out.push_back(c);
      } else {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
      }
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format) {
  auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::local, "\n");
  made->add_flag<JavaLevel>('*');
  made->add_flag<JsonMessage>('&');
  switch (format) {
    case LogFormat::text:
      made->set_pattern("%Y-%m-%d %H:%M:%S,%e%z [%l] %v");
      break;
    case LogFormat::json:
      made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%&"})");
      break;
    case LogFormat::log4j:
      // The source location is not known here; a fixed one keeps patterns matching.
      made->set_pattern("%Y-%m-%d %H:%M:%S,%e [myid:] - %* [main:quoll.Server@0] - %v");
      break;
  }
  return made;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Replaces line ends, so that a message is always one line.
std::string without_line_ends(std::string_view line) {
  std::string out(line.substr(0, ConsoleLog::kLineBytesMax));
  if (out.size() < line.size()) out += " (cut)";
  for (char& c : out) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return out;
}

}  // namespace

ConsoleLog::ConsoleLog(env::Level least) : ConsoleLog(least, STDOUT_FILENO) {}

ConsoleLog::ConsoleLog(env::Level least, int descriptor)
    : least_(least),
      formatter_(formatter_of(LogFormat::text)),
      queue_(
          descriptor, [this] { return summaries(false); },
          [this](std::int64_t lines) {
            const std::lock_guard lock(mutex_);
            return formatted(env::Level::warn,
                             fmt::format("{} lines are missing here: the log could not be written", lines));
          }) {
  std::signal(SIGPIPE, SIG_IGN);  // the reader of the log may close it
}

ConsoleLog::~ConsoleLog() {
  if (std::string rest = summaries(true); !rest.empty()) queue_.push(std::move(rest));
}

void ConsoleLog::write(env::Level level, std::string_view line) {
  if (!enabled(level)) return;
  const std::lock_guard lock(mutex_);
  if (throttle_.admits(level, line, now_ms())) queue_.push(formatted(level, line));
}

std::string ConsoleLog::formatted(env::Level level, std::string_view line) {
  const std::string text = without_line_ends(line);
  spdlog::memory_buf_t buffer;
  formatter_->format(spdlog::details::log_msg(spdlog::string_view_t(), spdlog_level(level), text), buffer);
  return {buffer.data(), buffer.size()};
}

std::string ConsoleLog::summaries(bool all) {
  const std::lock_guard lock(mutex_);
  std::string lines;
  for (const auto& summary : throttle_.summaries(now_ms(), all)) lines += formatted(summary.level, summary.text);
  return lines;
}

void ConsoleLog::set_format(LogFormat format) {
  const std::lock_guard lock(mutex_);
  formatter_ = formatter_of(format);
}

std::expected<void, std::string> ConsoleLog::use_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, kFileMode);
  if (fd < 0) return std::unexpected(fmt::format("cannot open the log file {}: {}", path, std::strerror(errno)));
  const std::lock_guard lock(mutex_);
  file_ = path;
  queue_.switch_to(fd);
  return {};
}

void ConsoleLog::reopen() {
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    path = file_;
  }
  if (path.empty()) return;
  const auto opened = use_file(path);
  if (!opened) error("{}; the old one stays in use", opened.error());
}

}  // namespace quoll::os
