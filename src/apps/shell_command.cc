#include "apps/shell_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

#include "apps/shell/client_configuration.h"
#include "apps/shell/line_editor.h"
#include "apps/shell/shell.h"
#include "apps/shell/text.h"
#include "apps/shell/walk.h"
#include "apps/text_file.h"
#include "os/files.h"

namespace quoll::apps {

namespace {

using shell::Shell;

constexpr std::int64_t kFirstConnectionMs = 3000;

// zkCli's flags have one hyphen; CLI11 knows long names with two.
std::vector<std::string> with_two_hyphens(std::span<const std::string> arguments, std::vector<std::string>& command) {
  std::vector<std::string> flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with('-')) {
      command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    const bool is_long = word.size() > 2 && word[1] != '-';
    flags.push_back(is_long ? "-" + word : word);
    const std::string name = flags.back();
    const bool takes_value = name == "--server" || name == "--timeout" || name == "--client-configuration";
    if (takes_value && i + 1 < arguments.size()) flags.push_back(arguments[++i]);
  }
  return flags;
}

std::vector<std::string> complete_path(Shell& shell, const std::string& word) {
  const auto slash = word.rfind('/');
  const std::string parent = slash == 0 ? "/" : word.substr(0, slash);
  const std::string beginning = word.substr(slash + 1);
  std::vector<std::string> paths;
  const auto listed = shell.zk().wait<client::Children>([&](client::Client& zk, auto done) {
    constexpr std::int64_t kPatienceMs = 2000;
    zk.children(parent, nullptr, std::move(done), {.timeout_ms = kPatienceMs});
  });
  if (!listed) return paths;
  for (const std::string& name : listed->names) {
    if (name.starts_with(beginning)) paths.push_back(shell::child_path(parent, name));
  }
  std::ranges::sort(paths);
  return paths;
}

// Commands first, then flags, then paths.
std::vector<std::string> complete(Shell& shell, const std::string& line, const std::string& word) {
  std::vector<std::string> found;
  const auto words = shell::split_line(line);
  if (words.empty()) {
    for (const auto& command : shell::commands()) {
      if (command.name.starts_with(word)) found.emplace_back(command.name);
    }
    return found;
  }
  if (word.starts_with('/')) return shell.is_alive() ? complete_path(shell, word) : found;
  const auto* const command = shell::find_command(words.front());
  if (command == nullptr || !word.starts_with('-')) return found;
  for (const auto& flag : command->flags) {
    if (("-" + flag.name).starts_with(word)) found.push_back("-" + flag.name);
  }
  return found;
}

int run_session(Shell& shell) {
  shell.say_line("Welcome to ZooKeeper!");
  shell::LineEditor editor(
      [&](const std::string& line, const std::string& word) { return complete(shell, line, word); });
  if (editor.is_terminal()) shell.say_line("help lists the commands; the tab key completes commands, flags and paths");
  int code = shell::kDone;
  while (!shell.exit_code) {
    std::fflush(stdout);
    const auto line = editor.read(
        fmt::format("[zk: {}({}) {}] ", shell.servers(), shell::state_text(shell.state()), shell.history.size()));
    if (!line) break;
    const auto words = shell::split_line(*line);
    if (words.empty()) continue;
    shell.history.push_back(*line);
    const int result = shell.run(words);
    // quit answers with what the last command came to.
    if (!shell.exit_code) code = result;
  }
  return code;
}

// Waits for the first connection; says what the matter is if it takes long.
bool wait_connected(Shell& shell, bool is_session) {
  const auto& settings = shell.settings();
  if (settings.wait_for_connection) {
    if (shell.zk().wait_connected(settings.timeout_ms)) return true;
    shell.complain(fmt::format("No server of {} could be reached within {} ms: {}", shell.servers(),
                               settings.timeout_ms, shell.zk().last_trouble()));
    return false;
  }
  if (!is_session || shell.zk().wait_connected(kFirstConnectionMs)) return true;
  shell.complain(fmt::format("No server of {} can be reached yet: {}. The shell goes on trying", shell.servers(),
                             shell.zk().last_trouble()));
  return true;
}

// What is wrong with the file of -client-configuration; empty if it is in the settings now.
std::string read_configuration(const std::string& path, shell::Settings& settings) {
  os::PosixDisk disk;
  auto security = shell::load_client_security(disk, path);
  if (!security) return security.error();
  settings.tls = std::move(security->tls);
  settings.login = std::move(security->login);
  return {};
}

int run(shell::Settings settings, const std::vector<std::string>& command) {
  const bool is_session = command.empty();
  settings.pages = is_session && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  const bool says_states = is_session || settings.wait_for_connection;
  Shell shell(settings, is_session ? stdout : stderr, says_states ? Shell::States::printed : Shell::States::silent);
  if (is_session) {
    shell.say_line(fmt::format("Connecting to {}", settings.servers));
  } else if (settings.wait_for_connection) {
    shell.complain(fmt::format("Connecting to {}", settings.servers));
  }
  if (!shell.connect(settings.servers)) return shell::kMisused;
  if (!wait_connected(shell, is_session)) return shell::kFailed;
  return is_session ? run_session(shell) : shell.run(command);
}

}  // namespace

int run_shell(std::span<const std::string> arguments) {
  std::vector<std::string> command;
  std::vector<std::string> flags = with_two_hyphens(arguments, command);
  shell::Settings settings;
  std::string configuration;
  CLI::App app(
      "A session with an ensemble of ZooKeeper servers, Quoll's or Apache's. Without a command it reads lines;\n"
      "help lists the commands. Long flags may have one hyphen, as zkCli's.",
      "quoll shell");
  app.footer("Then the command, and its own flags: quoll shell -server host:2181 ls -s /");
  app.add_option("--server", settings.servers, "host:port[,host:port...][/chroot]")->capture_default_str();
  app.add_option("--timeout", settings.timeout_ms, "session timeout in ms")
      ->capture_default_str()
      ->check(CLI::Range(1, 24 * 60 * 60 * 1000));
  app.add_flag("-r", settings.read_only, "accept a server that has no quorum, for reading");
  app.add_flag("--waitforconnection", settings.wait_for_connection,
               "fail if no server can be reached within the timeout");
  app.add_flag("--json", settings.json, "print answers and errors as JSON, one value a line");
  app.add_option(
      "--client-configuration", configuration,
      "a file with TLS settings, as zkCli has it: zookeeper.client.secure=true, zookeeper.ssl.trustStore.location=...");
  std::ranges::reverse(flags);  // CLI11 takes them from the end
  try {
    app.parse(std::move(flags));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? shell::kDone : shell::kMisused;
  }
  if (!configuration.empty()) {
    if (const auto why = read_configuration(configuration, settings); !why.empty()) {
      fmt::print(stderr, "{}\n", why);
      return shell::kMisused;
    }
  }
  return run(settings, command);
}

}  // namespace quoll::apps
