#include "apps/shell/line_editor.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <editline/readline.h>
#include <iostream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace quoll::apps::shell {

namespace {

constexpr int kHistoryLines = 1000;

// libedit calls plain functions.
Complete& completer() {
  static Complete complete;
  return complete;
}

char* copy(const std::string& text) {
  return ::strdup(text.c_str());  // libedit frees it
}

// The list that libedit expects: first what all have in common, then each, then nullptr.
char** matches_of(const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  std::string common = words.front();
  for (const std::string& word : words) {
    std::size_t same = 0;
    while (same < std::min(common.size(), word.size()) && common[same] == word[same]) ++same;
    common.resize(same);
  }
  const std::size_t count = words.size() == 1 ? 0 : words.size();
  auto** const list = static_cast<char**>(std::calloc(count + 2, sizeof(char*)));
  if (list == nullptr) return nullptr;
  list[0] = copy(common);
  for (std::size_t i = 0; i < count; ++i) list[i + 1] = copy(words[i]);
  return list;
}

char** attempt(const char* text, int start, int) {
  rl_attempted_completion_over = 1;  // file names are no completion here
  const auto words = completer()(std::string(rl_line_buffer, static_cast<std::size_t>(start)), text);
  const bool open = words.size() == 1 && words.front().ends_with('/');
  rl_completion_append_character = open ? '\0' : ' ';
  return matches_of(words);
}

std::string history_file() {
  const char* const home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? std::string() : std::string(home) + "/.quoll_shell_history";
}

}  // namespace

LineEditor::LineEditor(Complete complete) : is_terminal_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
  if (!is_terminal_) return;
  completer() = std::move(complete);
  static char name[] = "quoll";
  rl_readline_name = name;
  rl_initialize();
  rl_attempted_completion_function = attempt;
  static char breaks[] = " \t\n";
  rl_basic_word_break_characters = breaks;
  rl_completer_word_break_characters = breaks;
  using_history();
  stifle_history(kHistoryLines);
  history_file_ = history_file();
  if (!history_file_.empty()) read_history(history_file_.c_str());
}

LineEditor::~LineEditor() {
  if (history_file_.empty()) return;
  // Commands may name what is nobody else's business.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  write_history(history_file_.c_str());
  ::umask(before);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  if (!is_terminal_) {
    std::fwrite(prompt.data(), 1, prompt.size(), stdout);
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  const std::unique_ptr<char, decltype(&std::free)> line(readline(prompt.c_str()), &std::free);
  if (line == nullptr) return std::nullopt;
  const std::string text = line.get();
  // Passwords are not kept.
  if (!text.empty() && !text.starts_with("addauth")) add_history(text.c_str());
  return text;
}

}  // namespace quoll::apps::shell
