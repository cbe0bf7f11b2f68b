// The table of the shell's commands.
#include <algorithm>

#include "apps/shell/handlers.h"

namespace quoll::apps::shell {

namespace {

constexpr std::string_view kReconfigArguments =
    "[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | [-add "
    "serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]";
constexpr std::string_view kAddWatchArguments =
    "[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE";

std::vector<Command> make_commands() {
  const Flag stat{"s"};
  const Flag watch{"w"};
  const Flag version{"v", true};
  std::vector<Command> list{
      {"addWatch",
       kAddWatchArguments,
       {{"m", true}},
       1,
       run_add_watch,
       true,
       "watches a znode, or a whole subtree, until removewatches"},
      {"addauth", "scheme auth", {}, 1, run_add_auth, true, "adds an identity to the session"},
      {"close", "", {}, 0, run_close, true, "ends the session"},
      {"config", "[-c] [-w] [-s]", {stat, watch, {"c"}}, 0, run_config, true, "shows the members of the ensemble"},
      {"connect", "host:port", {}, 0, run_connect, false, "ends the session and begins one with other servers"},
      {"create",
       "[-s] [-e] [-c] [-t ttl] path [data] [acl]",
       {{"e"}, {"s"}, {"c"}, {"t", true}},
       1,
       run_create,
       true,
       "creates a znode"},
      {"delete", "[-v version] path", {version}, 1, run_delete, true, "deletes a znode that has no children"},
      {"deleteall", "path [-b batch size]", {{"b", true}}, 1, run_delete_all, true, "deletes a znode and all below it"},
      {"delquota", "[-n|-b|-N|-B] path", {{"n"}, {"b"}, {"N"}, {"B"}}, 1, run_delete_quota, true, "removes a quota"},
      {"get",
       "[-s] [-w] [-b] [-x] path",
       {{"b", false, "Output data in base64 format"},
        {"s", false, "Print znode stats additionally"},
        {"w", false, "Watch for changes on the znode"},
        {"x", false, "Output data in hexdump format"}},
       1,
       run_get,
       true,
       "shows a znode's data"},
      {"getAcl", "[-s] path", {stat}, 1, run_get_acl, true, "shows who may do what with a znode"},
      {"getAllChildrenNumber", "path", {}, 1, run_get_all_children_number, true, "counts all znodes below one"},
      {"getEphemerals", "path", {}, 0, run_get_ephemerals, true, "lists this session's ephemeral znodes"},
      {"help", "[command]", {}, 0, run_help, false, "lists all commands, or shows one"},
      {"history", "", {}, 0, run_history, false, "lists the last lines of this session"},
      {"listquota", "path", {}, 1, run_list_quota, true, "shows a quota, and what is used of it"},
      {"ls",
       "[-s] [-w] [-R] path",
       {stat, watch, {"R"}, {"?"}},
       1,
       run_ls,
       true,
       "lists a znode's children, or all below it"},
      {"printwatches", "on|off", {}, 0, run_print_watches, false, "says whether events are printed"},
      {"quit", "", {}, 0, run_quit, false, "ends the session and the shell"},
      {"reconfig",
       kReconfigArguments,
       {stat, version, {"file", true}, {"members", true}, {"add", true}, {"remove", true}},
       0,
       run_reconfig,
       true,
       "changes the members of the ensemble"},
      {"redo", "cmdno", {}, 0, run_redo, false, "runs a line of the history again"},
      {"removewatches",
       "path [-c|-d|-a] [-l]",
       {{"c"}, {"d"}, {"p"}, {"r"}, {"a"}, {"l"}},
       1,
       run_remove_watches,
       true,
       "removes watches"},
      {"set",
       "path data [-s] [-v version] [-b]",
       {{"b", false, "Supply data in base64 format"},
        {"s", false, "Print znode stats additionally"},
        {"v", true, "Set with an expected version"}},
       2,
       run_set,
       true,
       "changes a znode's data"},
      {"setAcl",
       "[-s] [-v version] [-R] path acl",
       {stat, version, {"R"}},
       2,
       run_set_acl,
       true,
       "changes who may do what with a znode"},
      {"setquota",
       "-n|-b|-N|-B val path",
       {{"n", true}, {"b", true}, {"N", true}, {"B", true}},
       0,
       run_set_quota,
       true,
       "limits what may be stored below a znode"},
      {"stat", "[-w] path", {watch}, 1, run_stat, true, "shows a znode's metadata"},
      {"sync", "path", {}, 1, run_sync, true, "waits until this server has caught up with the leader"},
      {"version", "", {}, 0, run_version, false, "shows the shell's version"},
      {"lock",
       "[-timeout ms] path -- command [arguments]",
       {{"timeout", true}},
       2,
       run_lock,
       true,
       "runs a program while holding a lock; its exit code is the program's"},
      {"elect",
       "[-timeout ms] path -- command [arguments]",
       {{"timeout", true}},
       2,
       run_elect,
       true,
       "runs a program while being the elected leader"},
      {"wait-for",
       "[-gone] [-value text] [-timeout ms] path",
       {{"gone"}, {"value", true}, {"timeout", true}},
       1,
       run_wait_for,
       true,
       "waits until a znode exists, is gone, or has this text"},
      {"top",
       "[-count n] [-interval ms] [path]",
       {{"count", true}, {"interval", true}},
       0,
       run_top,
       true,
       "shows which znodes of a subtree change most, every 2 s"},
      {"tree", "[-d depth] path", {{"d", true}}, 1, run_tree, true, "shows a subtree"},
      {"find",
       "[-name pattern] [-ephemeral] [-min bytes] path",
       {{"name", true}, {"ephemeral"}, {"min", true}},
       1,
       run_find,
       true,
       "lists the znodes of a subtree that fit"},
      {"grep", "[-l] text path", {{"l"}}, 2, run_grep, true, "shows the lines of a subtree's data that contain a text"},
      {"du",
       "[-d depth] path",
       {{"d", true}},
       1,
       run_du,
       true,
       "counts the bytes and znodes of a subtree and of its parts"},
      {"diff", "path path", {}, 2, run_diff, true, "compares the data and ACLs of two subtrees"},
      {"watch",
       "[-count n] [-timeout ms] path",
       {{"count", true}, {"timeout", true}},
       1,
       run_watch,
       true,
       "prints the changes of a subtree as they happen"},
      {"cp", "[-f] path path", {{"f"}}, 2, run_cp, true, "copies a subtree with its ACLs; -f overwrites"},
      {"mv", "path path", {}, 2, run_mv, true, "moves a subtree in one transaction"},
      {"export", "path [file]", {}, 1, run_export, true, "writes a subtree with its ACLs as JSON"},
      {"import",
       "[-f] file path",
       {{"f"}},
       2,
       run_import,
       true,
       "creates what export has written; - reads standard input, -f overwrites"},
      {"whoami", "", {}, 0, run_whoami, true, "shows the session's identities"},
  };
  std::ranges::sort(list, {}, &Command::name);
  return list;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> list = make_commands();
  return list;
}

std::optional<std::int32_t> version_flag(Shell& shell, const Words& words) {
  const auto text = words.value("v");
  if (!text) return client::kAnyVersion;
  const auto version = number_of<std::int32_t>(*text);
  if (!version) shell.complain("-v argument must be an int value");
  return version;
}

}  // namespace quoll::apps::shell
