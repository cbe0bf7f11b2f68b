// Commands for watches: addWatch, removewatches, printwatches.
#include <algorithm>
#include <fmt/format.h>

#include "apps/shell/handlers.h"

namespace quoll::apps::shell {

int run_add_watch(Shell& shell, const Words& words) {
  std::string mode = words.value("m").value_or("PERSISTENT_RECURSIVE");
  std::ranges::transform(mode, mode.begin(), [](unsigned char c) { return std::toupper(c); });
  if (words.words.size() != 2 || (mode != "PERSISTENT" && mode != "PERSISTENT_RECURSIVE"))
    return shell.misused(*find_command("addWatch"));
  const std::string path = words.at(1);
  const auto kind =
      mode == "PERSISTENT" ? client::AddWatchMode::persistent : client::AddWatchMode::persistent_recursive;
  const auto added = shell.zk().wait<void>(
      [&](client::Client& zk, auto done) { zk.add_watch(path, kind, shell.watcher(true), std::move(done)); });
  return added ? kDone : shell.failed(added.error(), path);
}

int run_remove_watches(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  client::WatcherType type = client::WatcherType::any;
  if (words.has("c")) {
    type = client::WatcherType::children;
  } else if (words.has("d")) {
    type = client::WatcherType::data;
  } else if (words.has("p")) {
    type = client::WatcherType::persistent;
  } else if (words.has("r")) {
    type = client::WatcherType::persistent_recursive;
  }
  const auto local = words.has("l") ? client::Client::Local::yes : client::Client::Local::no;
  const auto removed = shell.zk().wait<void>(
      [&](client::Client& zk, auto done) { zk.remove_watches(path, type, local, std::move(done)); });
  return removed ? kDone : shell.failed(removed.error(), path);
}

int run_print_watches(Shell& shell, const Words& words) {
  if (words.words.size() == 1) {
    shell.say_line(fmt::format("printwatches is {}", shell.prints_watches ? "on" : "off"));
  } else {
    shell.prints_watches = words.at(1) == "on";
  }
  return kDone;
}

}  // namespace quoll::apps::shell
