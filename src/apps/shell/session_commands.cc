// Commands for the session and the shell itself: addauth, close, connect, help, history, quit, redo, version.
#include <algorithm>
#include <fmt/format.h>

#include "apps/shell/handlers.h"
#include "apps/version.h"

namespace quoll::apps::shell {

int run_add_auth(Shell& shell, const Words& words) {
  const auto added = shell.zk().add_auth(words.at(1), words.at(2));
  if (added) return kDone;
  shell.complain(added.error().text);
  return kFailed;
}

int run_close(Shell& shell, const Words&) {
  shell.close();
  return kDone;
}

int run_connect(Shell& shell, const Words& words) {
  if (!shell.connect(words.words.size() > 1 ? words.at(1) : shell.servers())) return kFailed;
  if (!shell.settings().wait_for_connection || shell.zk().wait_connected(shell.settings().timeout_ms)) return kDone;
  shell.complain(fmt::format("No server of {} could be reached: {}", shell.servers(), shell.zk().last_trouble()));
  return kFailed;
}

int run_help(Shell& shell, const Words& words) {
  if (words.words.size() > 1) {
    const Command* const command = find_command(words.at(1));
    if (command == nullptr) {
      shell.complain(fmt::format("There is no command {}; help lists all", words.at(1)));
      return kUnknown;
    }
    shell.say_line(usage_of(*command));
    shell.say_line(fmt::format("  {}", command->help));
    return kDone;
  }
  shell.say_line("quoll shell -server host:port[,host:port][/chroot] [-timeout ms] [-r] [--json] [command]");
  for (const Command& each : commands()) shell.say_line(fmt::format("\t{} {}", each.name, each.arguments));
  return kDone;
}

int run_history(Shell& shell, const Words&) {
  constexpr std::size_t kShown = 11;
  const std::size_t count = shell.history.size();
  for (std::size_t i = count > kShown ? count - kShown : 0; i < count; ++i)
    shell.say_line(fmt::format("{} - {}", i, shell.history[i]));
  return kDone;
}

int run_redo(Shell& shell, const Words& words) {
  if (words.words.size() < 2) return kDone;
  const auto number = number_of<int>(words.at(1));
  // The last line of the history is this one.
  if (!number || *number < 0 || static_cast<std::size_t>(*number) + 1 >= shell.history.size())
    return shell.complain("Command index out of range"), kFailed;
  const std::string line = shell.history[static_cast<std::size_t>(*number)];
  const auto again = split_line(line);
  if (!again.empty() && again.front() == "redo") return shell.complain("No redoing redos"), kFailed;
  shell.history.back() = line;
  return shell.run(again);
}

int run_version(Shell& shell, const Words& words) {
  if (words.words.size() > 1) return shell.misused(*find_command("version"));
  shell.say_line(fmt::format("ZooKeeper CLI version: Quoll {}, like {}", kVersion, kApacheVersion));
  return kDone;
}

int run_quit(Shell& shell, const Words&) {
  shell.close();
  shell.exit_code = kDone;
  return kDone;
}

}  // namespace quoll::apps::shell
