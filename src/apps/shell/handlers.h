// The functions of the commands; commands.cc has the table. Each returns the exit code.
#pragma once

#include "apps/shell/shell.h"

namespace quoll::apps::shell {

// read_commands.cc
int run_get(Shell& shell, const Words& words);
int run_ls(Shell& shell, const Words& words);
int run_stat(Shell& shell, const Words& words);
int run_get_acl(Shell& shell, const Words& words);
int run_get_ephemerals(Shell& shell, const Words& words);
int run_get_all_children_number(Shell& shell, const Words& words);
int run_sync(Shell& shell, const Words& words);
int run_whoami(Shell& shell, const Words& words);
// write_commands.cc
int run_create(Shell& shell, const Words& words);
int run_delete(Shell& shell, const Words& words);
int run_delete_all(Shell& shell, const Words& words);
int run_set(Shell& shell, const Words& words);
int run_set_acl(Shell& shell, const Words& words);
// quota_commands.cc
int run_set_quota(Shell& shell, const Words& words);
int run_list_quota(Shell& shell, const Words& words);
int run_delete_quota(Shell& shell, const Words& words);
// watch_commands.cc
int run_add_watch(Shell& shell, const Words& words);
int run_remove_watches(Shell& shell, const Words& words);
int run_print_watches(Shell& shell, const Words& words);
// inspect_commands.cc
int run_top(Shell& shell, const Words& words);
int run_tree(Shell& shell, const Words& words);
int run_find(Shell& shell, const Words& words);
int run_grep(Shell& shell, const Words& words);
int run_du(Shell& shell, const Words& words);
int run_diff(Shell& shell, const Words& words);
int run_watch(Shell& shell, const Words& words);
// transfer_commands.cc
int run_cp(Shell& shell, const Words& words);
int run_mv(Shell& shell, const Words& words);
int run_export(Shell& shell, const Words& words);
int run_import(Shell& shell, const Words& words);
// hold_commands.cc
int run_lock(Shell& shell, const Words& words);
int run_elect(Shell& shell, const Words& words);
int run_wait_for(Shell& shell, const Words& words);
// config_commands.cc
int run_config(Shell& shell, const Words& words);
int run_reconfig(Shell& shell, const Words& words);
// session_commands.cc
int run_add_auth(Shell& shell, const Words& words);
int run_close(Shell& shell, const Words& words);
int run_connect(Shell& shell, const Words& words);
int run_help(Shell& shell, const Words& words);
int run_history(Shell& shell, const Words& words);
int run_quit(Shell& shell, const Words& words);
int run_redo(Shell& shell, const Words& words);
int run_version(Shell& shell, const Words& words);

// The whole of `text` as a number; nullopt if it is none, or does not fit.
template <typename Number>
std::optional<Number> number_of(const std::string& text, int base = 10);
// The version of -v; any version without it. nullopt: it is no number, which has been said.
std::optional<std::int32_t> version_flag(Shell& shell, const Words& words);

}  // namespace quoll::apps::shell

#include <charconv>

template <typename Number>
std::optional<Number> quoll::apps::shell::number_of(const std::string& text, int base) {
  Number number{};
  const char* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(begin, end, number, base);
  return error == std::errc{} && at == end ? std::optional(number) : std::nullopt;
}
