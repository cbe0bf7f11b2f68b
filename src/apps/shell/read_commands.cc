// Commands that read: get, ls, stat, getAcl, getEphemerals, getAllChildrenNumber, sync, whoami.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/shell/handlers.h"
#include "apps/shell/json.h"
#include "apps/shell/text.h"
#include "apps/shell/walk.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace quoll::apps::shell {

namespace {

// "get path watch", as zkCli of 3.4 had it.
bool wants_watch(Shell& shell, const Words& words, std::string_view command, std::string_view flags) {
  if (words.words.size() <= 2) return words.has("w");
  shell.complain(
      fmt::format("'{} path [watch]' has been deprecated. Please use '{} {}path' instead.", command, command, flags));
  return true;
}

std::string shown(const client::Bytes& data, const Words& words) {
  const std::string bytes = data.value_or("null");
  if (words.has("x")) return hex_dump(bytes);
  if (words.has("b")) return base::base64(bytes);
  return base::java_decoded(bytes);
}

}  // namespace

int run_get(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const bool watch = wants_watch(shell, words, "get", "[-s] [-w] ");
  const auto got = shell.zk().get(path, shell.watcher(watch));
  if (!got) return shell.failed(got.error(), path);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"data", data_json(got->data)}, {"stat", to_json(got->stat)}});
    return kDone;
  }
  shell.say_line(shown(got->data, words));
  if (words.has("s")) shell.say(stat_text(got->stat));
  return kDone;
}

int run_stat(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto stat = shell.zk().exists(path, shell.watcher(wants_watch(shell, words, "stat", "[-w] ")));
  if (!stat) return shell.failed(stat.error(), path);
  if (!*stat) return shell.failed({Error::no_node, client::Fate::answered, {}, {}, {}}, path);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"stat", to_json(**stat)}});
  } else {
    shell.say(stat_text(**stat));
  }
  return kDone;
}

int run_ls(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const bool watch = wants_watch(shell, words, "ls", "[-w] ");
  if (words.has("R")) {
    boost::json::array paths;
    const auto walked = walk(shell, path, shell.watcher(watch), [&](const std::string& each) {
      if (shell.json()) {
        paths.emplace_back(each);
      } else {
        shell.say_line(each);
      }
    });
    if (!walked) return shell.failed(walked.error(), path);
    if (shell.json()) shell.say_json({{"path", path}, {"paths", std::move(paths)}});
    return kDone;
  }
  auto listed = shell.zk().children(path, shell.watcher(watch));
  if (!listed) return shell.failed(listed.error(), path);
  std::ranges::sort(listed->names);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"children", names_json(listed->names)}, {"stat", to_json(listed->stat)}});
    return kDone;
  }
  shell.say_line(fmt::format("[{}]", fmt::join(listed->names, ", ")));
  if (words.has("s")) shell.say(stat_text(listed->stat));
  return kDone;
}

int run_get_acl(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto got = shell.zk().get_acl(path);
  if (!got) return shell.failed(got.error(), path);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"acl", to_json(got->acl)}, {"stat", to_json(got->stat)}});
    return kDone;
  }
  // The form in which jute prints an Id.
  for (const Acl& each : got->acl)
    shell.say_line(fmt::format("'{},'{}\n: {}", each.id.scheme, each.id.id, perms_text(each.perms)));
  if (words.has("s")) shell.say(stat_text(got->stat));
  return kDone;
}

int run_get_ephemerals(Shell& shell, const Words& words) {
  const std::string prefix = words.words.size() > 1 ? words.at(1) : "/";
  const auto got = shell.zk().wait<std::vector<std::string>>(
      [&](client::Client& zk, auto done) { zk.ephemerals(prefix, std::move(done)); });
  if (!got) return shell.failed(got.error(), prefix);
  if (shell.json()) {
    shell.say_json({{"prefix", prefix}, {"ephemerals", names_json(*got)}});
  } else {
    shell.say_line(fmt::format("[{}]", fmt::join(*got, ", ")));
  }
  return kDone;
}

int run_get_all_children_number(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto got = shell.zk().wait<std::int32_t>(
      [&](client::Client& zk, auto done) { zk.all_children_number(path, std::move(done)); });
  if (!got) return shell.failed(got.error(), path);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"count", *got}});
  } else {
    shell.say_line(std::to_string(*got));
  }
  return kDone;
}

int run_sync(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto synced = shell.zk().sync(path);
  if (!synced && (shell.json() || synced.error().fate == client::Fate::not_sent))
    return shell.failed(synced.error(), path);
  if (shell.json()) {
    shell.say_json({{"path", path}, {"synced", true}});
    return kDone;
  }
  if (synced) {
    shell.say_line("Sync is OK");
    return kDone;
  }
  shell.say_line(fmt::format("Sync has failed. rc={}", static_cast<std::int32_t>(synced.error().code)));
  return kFailed;
}

int run_whoami(Shell& shell, const Words&) {
  const auto got = shell.zk().wait<std::vector<client::Identity>>(
      [](client::Client& zk, auto done) { zk.who_am_i(std::move(done)); });
  if (!got) return shell.failed(got.error(), "");
  boost::json::array list;
  if (!shell.json()) shell.say_line("Auth scheme: User");
  for (const client::Identity& each : *got) {
    if (shell.json()) {
      list.push_back({{"scheme", each.scheme}, {"user", each.user}});
    } else {
      shell.say_line(fmt::format("{}: {}", each.scheme, each.user));
    }
  }
  if (shell.json()) shell.say_json({{"identities", std::move(list)}});
  return kDone;
}

}  // namespace quoll::apps::shell
