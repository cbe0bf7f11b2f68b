#include "os/log_throttle.h"

namespace quoll::os {

namespace {

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == ':';
}

bool has_digit(std::string_view word) {
  return word.find_first_of("0123456789") != word.npos;
}

// The line without the parts that vary between lines of its kind: words with digits in them, and quoted text.
std::string kind_of(std::string_view line) {
  constexpr std::size_t kKindBytesMax = 200;
  std::string kind;
  for (std::size_t at = 0; at < line.size() && kind.size() < kKindBytesMax;) {
    if (line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      at = end == line.npos ? line.size() : end + 1;
      kind += '"';
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_word_character(line[end])) ++end;
    if (end == at) {
      kind += line[at++];
      continue;
    }
    const std::string_view word = line.substr(at, end - at);
    kind += has_digit(word) ? std::string_view("#") : word;
    at = end;
  }
  return kind;
}

}  // namespace

bool LogThrottle::admits(env::Level level, std::string_view line, std::int64_t now_ms) {
  if (level < env::Level::info) return true;
  std::string name = kind_of(line);
  if (kinds_.size() >= kKindsMax && !kinds_.contains(name)) {
    forgotten_ = summaries(now_ms, true);
    kinds_.clear();
  }
  Kind& kind = kinds_[std::move(name)];
  if (kind.lines == 0) kind.since_ms = now_ms;
  if (++kind.lines <= kLinesPerWindow) return true;
  kind.level = level;
  kind.last = line;
  return false;
}

std::vector<LogThrottle::Summary> LogThrottle::summaries(std::int64_t now_ms, bool all) {
  std::vector<Summary> said = std::exchange(forgotten_, {});
  for (auto at = kinds_.begin(); at != kinds_.end();) {
    const Kind& kind = at->second;
    if (!all && now_ms - kind.since_ms < kWindowMs) {
      ++at;
      continue;
    }
    if (const std::int64_t left_out = kind.lines - kLinesPerWindow; left_out > 0) {
      said.push_back({kind.level, fmt::format("{} more lines like this one in {} s: {}", left_out,
                                              (now_ms - kind.since_ms + 999) / 1000, kind.last)});
    }
    at = kinds_.erase(at);
  }
  return said;
}

}  // namespace quoll::os
