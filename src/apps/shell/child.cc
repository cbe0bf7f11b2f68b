#include "apps/shell/child.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quoll::apps::shell {

namespace {

// In the new process. Says by the pipe why it cannot start.
[[noreturn]] void become(char* const* arguments, char* const* environment, int pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
  ::execvpe(arguments[0], arguments, environment);
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(pipe, &error, sizeof error);
  ::_exit(127);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);
  for (const auto& [name, value] : variables) {
    std::erase_if(all, [&](const std::string& each) { return each.starts_with(name + "="); });
    all.push_back(fmt::format("{}={}", name, value));
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

std::expected<void, std::string> Child::start(Child& child, const std::vector<std::string>& command,
                                              const std::map<std::string, std::string>& variables) {
  std::vector<std::string> words = command;
  std::vector<std::string> environment = environment_with(variables);
  const auto arguments = pointers(words);
  const auto settings = pointers(environment);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return std::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  const pid_t pid = ::fork();
  if (pid == 0) become(arguments.data(), settings.data(), ends[1]);
  const int fork_error = errno;
  ::close(ends[1]);
  int error = 0;
  const bool failed = pid < 0 || ::read(ends[0], &error, sizeof error) == sizeof error;
  ::close(ends[0]);
  if (!failed) {
    const std::lock_guard lock(child.mutex_);
    child.pid_ = pid;
    return {};
  }
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return std::unexpected(
      fmt::format("cannot run {}: {}", command.front(), std::strerror(pid < 0 ? fork_error : error)));
}

int Child::wait() {
  // It stays a zombie until its number is forgotten, so that nobody signals another process.
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  int status = 0;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  constexpr int kSignalled = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

void Child::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (pid_ > 0) ::kill(pid_, number);
}

}  // namespace quoll::apps::shell
