#include "apps/shell/pager.h"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace quoll::apps::shell {

namespace {

std::size_t terminal_rows() {
  winsize size{};
  const bool is_known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2;
  return is_known ? size.ws_row : 24;
}

}  // namespace

// A line is for the question.
Pager::Pager() : rows_(terminal_rows() - 1), left_(rows_) {}

void Pager::write(std::string_view text) {
  while (!text.empty() && !has_ended_) {
    if (left_ == 0) ask();
    if (has_ended_) return;
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    std::fwrite(line.data(), 1, line.size(), stdout);
    if (line.ends_with('\n')) --left_;
    text.remove_prefix(line.size());
  }
}

void Pager::ask() {
  std::fputs("-- more: Enter shows a page, q and Enter ends -- ", stdout);
  std::fflush(stdout);
  char answer[64];
  const bool is_read = std::fgets(answer, sizeof answer, stdin) != nullptr;
  has_ended_ = !is_read || answer[0] == 'q';
  left_ = rows_;
}

}  // namespace quoll::apps::shell
