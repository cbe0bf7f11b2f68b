#include "apps/shell/words.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace quoll::apps::shell {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

class Parser {
 public:
  explicit Parser(const std::vector<Flag>& flags) : flags_(flags) {}

  std::optional<std::string> take(const std::string& word) {
    if (only_words_) return add_word(word);
    if (word == "--") return only_words_ = true, std::nullopt;
    if (open_ != nullptr && is_value(word)) {
      result.flags.emplace(std::exchange(open_, nullptr)->name, word);
      return std::nullopt;
    }
    if (word.size() < 2 || word.front() != '-') return add_word(word);
    if (auto error = finish()) return error;
    return take_flag(word);
  }
  // A flag may still lack its value.
  std::optional<std::string> finish() {
    if (open_ == nullptr) return std::nullopt;
    return fmt::format("Missing argument for option: {}", open_->name);
  }

  Words result;

 private:
  const Flag* find(std::string_view name) const {
    const auto found = std::ranges::find(flags_, name, &Flag::name);
    return found == flags_.end() ? nullptr : &*found;
  }
  // What starts with a hyphen is a value only if it is no flag or is a negative number.
  bool is_value(const std::string& word) const {
    if (word.size() < 2 || word.front() != '-' || is_number(word)) return true;
    const std::string_view name = std::string_view(word).substr(1);
    return find(name.substr(0, name.find('='))) == nullptr && find(name.substr(0, 1)) == nullptr;
  }
  std::optional<std::string> add_word(const std::string& word) {
    result.words.push_back(word);
    return std::nullopt;
  }
  void set(const Flag& flag) {
    if (flag.takes_value) {
      open_ = &flag;
    } else {
      result.flags.emplace(flag.name, "");
    }
  }
  std::optional<std::string> take_flag(const std::string& word) {
    const std::string name = word.substr(1);
    if (const Flag* const flag = find(name)) return set(*flag), std::nullopt;
    if (name.size() > 2 && name[1] == '=') {
      const Flag* const flag = find(name.substr(0, 1));
      if (flag == nullptr || !flag->takes_value) return unrecognized(word);
      result.flags.emplace(flag->name, name.substr(2));
      return std::nullopt;
    }
    if (name.contains('=')) return unrecognized(word);
    for (std::size_t i = 0; i < name.size(); ++i) {
      const Flag* const flag = find(name.substr(i, 1));
      if (flag == nullptr) return unrecognized(word);
      set(*flag);
      if (open_ == nullptr || i + 1 == name.size()) continue;
      result.flags.emplace(std::exchange(open_, nullptr)->name, name.substr(i + 1));
      break;
    }
    return std::nullopt;
  }
  static std::string unrecognized(const std::string& word) { return fmt::format("Unrecognized option: {}", word); }

  const std::vector<Flag>& flags_;
  const Flag* open_ = nullptr;  // it waits for its value
  bool only_words_ = false;
};

}  // namespace

std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at == line.size()) return words;
    const char quote = line[at];
    if (quote == '"' || quote == '\'') {
      const auto end = line.find(quote, at + 1);
      // A quote without its partner is skipped, as in zkCli.
      if (end == std::string_view::npos) {
        ++at;
        continue;
      }
      words.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
      continue;
    }
    const std::size_t begin = at;
    while (at < line.size() && !is_space(line[at])) ++at;
    words.emplace_back(line.substr(begin, at - begin));
  }
}

std::optional<std::string> Words::value(const std::string& flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::nullopt : std::optional(found->second);
}

std::expected<Words, std::string> parse_words(const std::vector<std::string>& line, const std::vector<Flag>& flags) {
  Parser parser(flags);
  for (const std::string& word : line) {
    if (auto error = parser.take(word)) return std::unexpected(std::move(*error));
  }
  if (auto error = parser.finish()) return std::unexpected(std::move(*error));
  return std::move(parser.result);
}

}  // namespace quoll::apps::shell
