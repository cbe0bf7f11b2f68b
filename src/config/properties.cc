#include "config/properties.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace quoll::config {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}
bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

// The raw text of one entry: continuation lines are joined, escapes are kept.
struct LogicalLine {
  std::string text;
  int line = 0;
};

// Splits the text into logical lines, without comments and blank lines.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  std::optional<LogicalLine> next() {
    while (at_ < text_.size()) {
      skip_blanks();
      if (at_ == text_.size()) break;
      if (is_line_end(text_[at_])) {
        end_line();
      } else if (text_[at_] == '#' || text_[at_] == '!') {
        while (at_ < text_.size() && !is_line_end(text_[at_])) ++at_;
      } else {
        if (auto entry = read_entry()) return entry;
      }
    }
    return std::nullopt;
  }

 private:
  // nullopt after a lone backslash: Java then starts a new entry, so a comment may follow.
  std::optional<LogicalLine> read_entry() {
    LogicalLine entry{{}, line_};
    bool escaping = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (!is_line_end(c)) {
        entry.text.push_back(c);
        escaping = c == '\\' && !escaping;
        continue;
      }
      end_line();
      if (!escaping) return entry;
      entry.text.pop_back();
      if (entry.text.empty()) return std::nullopt;
      escaping = false;
      skip_blanks();
      --at_;  // the loop advances by one
    }
    if (escaping) entry.text.pop_back();  // a backslash at the end of the text has nothing to continue with
    return entry;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  // Skips \n, \r or \r\n.
  void end_line() {
    const bool pair = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
    at_ += pair ? 2 : 1;
    ++line_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (c >> 6)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (c >> 12)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | (c >> 18)));
    out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

// Converts UTF-16 units from \u escapes to UTF-8. An unpaired surrogate becomes '?', as in Java.
class Utf16Joiner {
 public:
  void add(std::uint32_t unit) {
    if (high_ != 0 && unit >= 0xdc00 && unit < 0xe000) {
      append_utf8(out_, 0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00));
      high_ = 0;
      return;
    }
    flush_half();
    if (unit >= 0xd800 && unit < 0xdc00) {
      high_ = unit;
    } else {
      append_utf8(out_, unit >= 0xdc00 && unit < 0xe000 ? U'?' : unit);
    }
  }
  std::string take() {
    flush_half();
    return std::move(out_);
  }

 private:
  void flush_half() {
    if (high_ != 0) out_.push_back('?');
    high_ = 0;
  }
  std::string out_;
  std::uint32_t high_ = 0;
};

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(0, 4)) {
    unit <<= 4;
    if (c >= '0' && c <= '9')
      unit |= static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      unit |= static_cast<std::uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      unit |= static_cast<std::uint32_t>(c - 'A' + 10);
    else
      return std::nullopt;
  }
  return unit;
}

// nullopt if \u is not followed by four hexadecimal digits.
std::optional<std::string> unescape(std::string_view raw) {
  Utf16Joiner out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    char c = raw[at];
    if (c == '\\' && at + 1 < raw.size()) {
      c = raw[++at];
      if (c == 'u') {
        const auto unit = hex4(raw.substr(at + 1));
        if (!unit) return std::nullopt;
        out.add(*unit);
        at += 4;
        continue;
      }
      if (c == 't')
        c = '\t';
      else if (c == 'n')
        c = '\n';
      else if (c == 'r')
        c = '\r';
      else if (c == 'f')
        c = '\f';
    }
    out.add(static_cast<unsigned char>(c));
  }
  return out.take();
}

struct RawPair {
  std::string_view key;
  std::string_view value;
};

// The key ends at the first unescaped '=', ':' or blank. A single '=' or ':' may follow the blanks.
RawPair split_pair(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '=' && text[end] != ':' && !is_blank(text[end])) {
    end += text[end] == '\\' && end + 1 < text.size() ? 2 : 1;
  }
  std::size_t start = end;
  while (start < text.size() && is_blank(text[start])) ++start;
  if (start < text.size() && (text[start] == '=' || text[start] == ':')) ++start;
  while (start < text.size() && is_blank(text[start])) ++start;
  return {text.substr(0, end), text.substr(start)};
}

std::optional<LineFault> unreadable(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return LineFault{1, "is written in UTF-16; save it as plain ASCII"};
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    return LineFault{static_cast<int>(line), "contains a NUL byte; is this a text file?"};
  }
  return std::nullopt;
}

// Java reads a byte-order mark as three characters, which become part of the first key or turn a comment into a key. No
// such key is known.
bool is_spoiled_by_mark(const Properties& to, const Property& entry) {
  constexpr std::string_view kMark = "\xc3\xaf\xc2\xbb\xc2\xbf";  // in ISO-8859-1
  return to.entries.empty() && entry.line == 1 && entry.key.starts_with(kMark);
}

// Keeps the last of two entries with the same key, as Java does, and adds a warning.
void add(Properties& to, Property entry) {
  const auto earlier = std::ranges::find(to.entries, entry.key, &Property::key);
  if (earlier != to.entries.end()) {
    to.warnings.push_back({entry.line, entry.key + " is also on line " + std::to_string(earlier->line) +
                                           "; this line, the last one, counts"});
    to.entries.erase(earlier);
  }
  to.entries.push_back(std::move(entry));
}

}  // namespace

std::expected<Properties, std::vector<LineFault>> parse_properties(std::string_view text) {
  if (auto fault = unreadable(text)) return std::unexpected(std::vector{*fault});
  Properties found;
  std::vector<LineFault> faults;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const auto [raw_key, raw_value] = split_pair(line->text);
    auto key = unescape(raw_key);
    auto value = unescape(raw_value);
    if (!key || !value) {
      faults.push_back({line->line, "\\u must be followed by four hexadecimal digits"});
      continue;
    }
    Property entry{std::move(*key), std::move(*value), line->line};
    if (is_spoiled_by_mark(found, entry)) {
      found.warnings.push_back(
          {line->line,
           "begins with a byte-order mark, so that this line does not count, as in Apache's server, unless "
           "it is a comment; save the file without the mark"});
      continue;
    }
    if (std::ranges::any_of(line->text, [](char c) { return static_cast<unsigned char>(c) > 127; })) {
      found.warnings.push_back(
          {line->line, "contains bytes outside of ASCII, which are read as ISO-8859-1, as Java does; write \\uXXXX"});
    }
    add(found, std::move(entry));
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return found;
}

}  // namespace quoll::config
