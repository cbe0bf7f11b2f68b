// Shows long answers page by page in a session on a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace quoll::apps::shell {

// One answer. A page is as long as the terminal is high.
class Pager {
 public:
  Pager();
  // Writes to standard output; at the end of a page asks whether to go on. What comes after a "q" is dropped.
  void write(std::string_view text);

 private:
  void ask();
  std::size_t rows_;
  std::size_t left_;
  bool has_ended_ = false;
};

}  // namespace quoll::apps::shell
