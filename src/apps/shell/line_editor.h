// Lines that a person types: edited, completed and remembered on a terminal, read as they are from anything else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace quoll::apps::shell {

// What may stand for the last word of a line that begins like this. A result that ends with '/' can be continued.
using Complete = std::function<std::vector<std::string>(const std::string& line, const std::string& word)>;

// There is one editor at a time: libedit's is global.
class LineEditor {
 public:
  explicit LineEditor(Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // nullopt: the end of the input.
  std::optional<std::string> read(const std::string& prompt);
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  const bool is_terminal_;
  std::string history_file_;  // empty: there is none
};

}  // namespace quoll::apps::shell
