// The shell's session: where it is connected to, how it prints, and the commands that it knows.
#pragma once

#include <atomic>
#include <boost/json/value.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/shell/pager.h"
#include "apps/shell/words.h"
#include "sasl/jaas.h"
#include "sdk/blocking.h"
#include "sdk/thread_runtime.h"
#include "tls/options.h"

namespace quoll::apps::shell {

class Shell;

// Exit codes, of one-shot commands and of the last command of a session.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;     // what was asked for did not happen, or only in part
inline constexpr int kMisused = 2;    // the program's own arguments make no sense
inline constexpr int kUnknown = 127;  // there is no such command

struct Command {
  std::string_view name;
  std::string_view arguments;  // "[-s] [-w] path"
  std::vector<Flag> flags;
  std::size_t words_min = 0;  // besides the command; fewer show the usage
  int (*run)(Shell& shell, const Words& words);
  bool needs_connection = true;
  std::string_view help = {};  // one line: what it does
};

// All commands, sorted by name.
const std::vector<Command>& commands();
const Command* find_command(std::string_view name);
// "get [-s] [-w] [-b] [-x] path", and a table of the flags if they have descriptions.
std::string usage_of(const Command& command);

struct Settings {
  std::string servers = "localhost:2181";
  std::int32_t timeout_ms = 30'000;
  bool read_only = false;
  bool wait_for_connection = false;
  bool json = false;
  bool pages = false;                    // long answers are shown page by page
  std::optional<tls::Options> tls = {};  // nothing: plain connections
  std::optional<sasl::Login> login = {};
};

class Shell {
 public:
  // `chatter` is where what no command asked for goes: stdout in a session, as in zkCli; stderr for a one-shot command,
  // whose output must be its answer alone.
  // `states`: whether changes of the session's state are printed.
  enum class States { printed, silent };
  Shell(Settings settings, std::FILE* chatter, States states);
  ~Shell();

  // Ends the session and begins another one. False: the text names no servers; it has been said.
  bool connect(const std::string& servers);
  void close();
  // Runs one line, and returns its exit code.
  int run(const std::vector<std::string>& line);

  [[nodiscard]] sdk::Blocking& zk() { return *zk_; }
  // Every command that sets a watch sets this one: it prints what it hears.
  [[nodiscard]] std::shared_ptr<client::Watcher> watcher(bool wanted) const { return wanted ? watcher_ : nullptr; }
  [[nodiscard]] client::State state() const;
  [[nodiscard]] bool is_alive() const { return zk_ != nullptr && !client::is_final(zk_->state()); }
  [[nodiscard]] const std::string& servers() const { return servers_; }
  [[nodiscard]] bool json() const { return settings_.json; }
  [[nodiscard]] const Settings& settings() const { return settings_; }

  void say(std::string_view text);                 // stdout, as it is
  void say_line(std::string_view text);            // and an end of line
  void complain(std::string_view text);            // a line on stderr
  void say_json(const boost::json::value& value);  // a line
  // Reports a failed call, and returns kFailed.
  int failed(const client::Failure& failure, std::string_view path);
  int misused(const Command& command);

  std::atomic<bool> prints_watches = true;
  std::vector<std::string> history;  // the lines of this session; the last is the one that runs
  std::optional<int> exit_code;      // set by quit

 private:
  void announce(const std::string& event);

  const Settings settings_;
  std::FILE* const chatter_;
  const States states_;
  std::string servers_;
  std::optional<Pager> pager_;  // while a command runs, if answers are paged
  sdk::ThreadRuntime runtime_;
  std::shared_ptr<client::Watcher> watcher_;
  std::unique_ptr<sdk::Blocking> zk_;
};

}  // namespace quoll::apps::shell
