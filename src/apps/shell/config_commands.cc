// Commands for the ensemble's members: config, reconfig.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "apps/shell/handlers.h"
#include "apps/shell/json.h"
#include "apps/shell/text.h"

namespace quoll::apps::shell {

namespace {

// "version host:port,host:port" (org.apache.zookeeper.server.util.ConfigUtils.getClientConfigStr).
std::string client_string(const std::string& config) {
  std::string version;
  std::string servers;
  bool first = true;
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string value = line.substr(equals + 1);
    if (line.starts_with("version=")) version = value;
    if (!line.starts_with("server.")) continue;
    if (!std::exchange(first, false)) servers += ",";
    const auto semicolon = value.find(';');
    if (semicolon == std::string::npos) continue;
    const std::string address = value.substr(semicolon + 1);
    servers += address.contains(':') ? address : "0.0.0.0:" + address;
  }
  return version + " " + servers;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The lines of a configuration file that say who the members are; nullopt: it cannot be read, which is said.
std::optional<std::string> members_of(Shell& shell, const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  if (!in) {
    shell.complain(fmt::format("Error processing {}{} ({})", file, file, std::strerror(errno)));
    return std::nullopt;
  }
  std::string members;
  for (std::string line; std::getline(in, line);) {
    for (const char* const key : {"server.", "group.", "weight."}) {
      if (line.starts_with(key)) members += line + "\n";
    }
  }
  if (members.empty())
    shell.complain(fmt::format("Error processing {}: it has no line that begins with server.", file));
  return members.empty() ? std::nullopt : std::optional(members);
}

}  // namespace

int run_config(Shell& shell, const Words& words) {
  const auto got = shell.zk().wait<client::NodeData>(
      [&](client::Client& zk, auto done) { zk.config(shell.watcher(words.has("w")), std::move(done)); });
  if (!got) return shell.failed(got.error(), "/zookeeper/config");
  if (shell.json()) {
    shell.say_json({{"config", data_json(got->data)}, {"stat", to_json(got->stat)}});
    return kDone;
  }
  const std::string config = got->data.value_or("null");
  shell.say_line(words.has("c") ? client_string(config) : config);
  if (words.has("s")) shell.say(stat_text(got->stat));
  return kDone;
}

int run_reconfig(Shell& shell, const Words& words) {
  const bool whole = words.has("file") || words.has("members");
  const bool steps = words.has("add") || words.has("remove");
  if (!whole && !steps) return shell.misused(*find_command("reconfig"));
  client::Reconfiguration change;
  if (const auto text = words.value("v")) {
    const auto version = number_of<std::int64_t>(*text, 16);
    if (!version) return shell.complain("-v must be followed by a long (configuration version)"), kFailed;
    change.from_version = *version;
  }
  if (whole && steps) {
    shell.complain(
        "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes is "
        "not allowed)");
    return kFailed;
  }
  if (words.has("file") && words.has("members"))
    return shell.complain("Can't use -file and -members together (conflicting non-incremental modes)"), kFailed;
  if (const auto add = words.value("add")) change.joining = lower(*add);
  if (const auto remove = words.value("remove")) change.leaving = lower(*remove);
  if (const auto members = words.value("members")) change.members = lower(*members);
  if (const auto file = words.value("file")) {
    change.members = members_of(shell, *file);
    if (!change.members) return kFailed;
  }
  const auto changed = shell.zk().wait<client::NodeData>(
      [&](client::Client& zk, auto done) { zk.reconfigure(change, std::move(done)); });
  if (!changed) return shell.failed(changed.error(), "");
  if (shell.json()) {
    shell.say_json({{"config", data_json(changed->data)}, {"stat", to_json(changed->stat)}});
    return kDone;
  }
  shell.say_line(fmt::format("Committed new configuration:\n{}", changed->data.value_or("")));
  if (words.has("s")) shell.say(stat_text(changed->stat));
  return kDone;
}

}  // namespace quoll::apps::shell
