// Commands that wait, and that run a program meanwhile: lock, elect, wait-for.
#include <condition_variable>
#include <csignal>
#include <fmt/format.h>

#include "apps/shell/child.h"
#include "apps/shell/handlers.h"
#include "sdk/blocking_line.h"

namespace quoll::apps::shell {

namespace {

// The value of -timeout; 0 without one. nullopt: it is no number, which has been said.
std::optional<std::int64_t> timeout_flag(Shell& shell, const Words& words) {
  const auto text = words.value("timeout");
  if (!text) return 0;
  const auto timeout = number_of<std::int64_t>(*text);
  if (timeout && *timeout > 0) return timeout;
  shell.complain("-timeout must be followed by a time in ms, at least 1");
  return std::nullopt;
}

// Runs the program while this session holds. When that is not sure any more the program gets SIGTERM at once.
int run_while_holding(Shell& shell, const Words& words, const char* name) {
  const std::string path = words.at(1);
  const auto timeout = timeout_flag(shell, words);
  if (!timeout) return kFailed;
  if (const auto why = client::path_trouble(path); !why.empty()) return shell.complain(why), kFailed;
  Child child;
  std::atomic<bool> lost = false;
  sdk::BlockingLine line(shell.zk(), {.path = path, .name = name, .data = {}}, [&] {
    lost = true;
    child.signal(SIGTERM);
  });
  const auto token = line.acquire(*timeout);
  if (!token) return shell.complain(token.error().text), kFailed;
  const std::vector<std::string> command(words.words.begin() + 2, words.words.end());
  const auto started = Child::start(child, command,
                                    {{"QUOLL_LOCK_PATH", path},
                                     {"QUOLL_LOCK_NODE", line.node()},
                                     {"QUOLL_LOCK_TOKEN", std::to_string(token->czxid)}});
  if (!started) return shell.complain(started.error()), kFailed;
  // It may have been lost before there was a program to tell.
  if (lost) child.signal(SIGTERM);
  const int code = child.wait();
  if (!lost) return code;
  shell.complain(fmt::format("{} was lost while {} ran, and it was told to end", path, command.front()));
  return kFailed;
}

// Sleeps until something may have changed.
class Bell : public client::Watcher {
 public:
  void on_event(const client::WatchEvent&) override { ring(); }
  void on_state(client::State) override { ring(); }
  // False: nothing came before the deadline.
  bool wait(std::optional<std::chrono::steady_clock::time_point> deadline) {
    std::unique_lock lock(mutex_);
    const auto rung = [this] { return rung_; };
    if (deadline) {
      if (!changed_.wait_until(lock, *deadline, rung)) return false;
    } else {
      changed_.wait(lock, rung);
    }
    rung_ = false;
    return true;
  }

 private:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

// Whether the znode is as -gone and -value want it.
client::Result<bool> is_so(Shell& shell, const Words& words, const std::shared_ptr<Bell>& bell) {
  const std::string path = words.at(1);
  const auto stat = shell.zk().exists(path, bell);
  if (!stat) return std::unexpected(stat.error());
  if (words.has("gone")) return !*stat;
  const auto value = words.value("value");
  if (!*stat || !value) return stat->has_value();
  const auto got = shell.zk().get(path);
  if (!got) return got.error().code == Error::no_node ? client::Result<bool>(false) : std::unexpected(got.error());
  return got->data == *value;
}

}  // namespace

int run_lock(Shell& shell, const Words& words) {
  return run_while_holding(shell, words, "lock-");
}

int run_elect(Shell& shell, const Words& words) {
  return run_while_holding(shell, words, "latch-");
}

int run_wait_for(Shell& shell, const Words& words) {
  const auto timeout = timeout_flag(shell, words);
  if (!timeout) return kFailed;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (*timeout > 0) deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(*timeout);
  const auto bell = std::make_shared<Bell>();
  while (true) {
    const auto so = is_so(shell, words, bell);
    // A lost connection is no reason to stop: the watch is set again with the next one.
    const bool passing = !so && so.error().code == Error::connection_loss && shell.is_alive();
    if (!so && !passing) return shell.failed(so.error(), words.at(1));
    if (so && *so) return kDone;
    if (!passing && bell->wait(deadline)) continue;
    if (!passing || (deadline && std::chrono::steady_clock::now() >= *deadline)) {
      shell.complain(fmt::format("{} is not as it should be after {} ms", words.at(1), *timeout));
      return kFailed;
    }
  }
}

}  // namespace quoll::apps::shell
