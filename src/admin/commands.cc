#include "admin/commands.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "admin/admin_access.h"
#include "admin/answer_end.h"
#include "admin/command.h"
#include "admin/health.h"
#include "admin/prometheus.h"

namespace quoll::admin {

namespace {

using Short = void (*)(const CommandQuestion&, JsonText&);
using Long = void (*)(const CommandQuestion&, JsonSteps&);
using Method = http::Request::Method;

struct Command {
  std::array<std::string_view, 3> names;  // the first is the primary one
  Short answer = nullptr;
  Long long_answer = nullptr;
  Guard guard = Guard::none;
  enum { server_required, always } when = server_required;
  enum { get, get_or_post, post } method = get;
  enum { json, file, upload } kind = json;  // file: SnapshotCommand answers; upload: RestoreCommand
  std::string (*change)(server::Server&) = nullptr;
};

// In the order of their names, as the list of links shows them.
constexpr std::array kCommands{
    Command{{"configuration", "conf", "config"}, command_configuration, nullptr, Guard::root_acl},
    Command{.names = {"connection_stat_reset", "crst"},
            .guard = Guard::root_acl,
            .method = Command::get_or_post,
            .change = reset_connection_stats},
    Command{{"connections", "cons"}, nullptr, command_connections, Guard::root_acl},
    Command{{"dirs"}, command_dirs},
    Command{{"dump"}, nullptr, command_dump, Guard::root_acl},
    Command{{"environment", "env", "envi"}, command_environment, nullptr, Guard::root_acl, Command::always},
    Command{{"get_trace_mask", "gtmk"}, command_get_trace_mask, nullptr, Guard::none, Command::always},
    Command{{"hash"}, command_hash},
    Command{{"initial_configuration", "icfg"}, command_initial_configuration, nullptr, Guard::root_acl},
    Command{{"is_read_only", "isro"}, command_is_read_only},
    Command{{"last_snapshot", "lsnp"}, command_last_snapshot},
    Command{{"leader", "lead"}, command_leader},
    Command{{"monitor", "mntr"}, command_monitor, nullptr, Guard::none, Command::always},
    Command{{"observer_connection_stat_reset", "orst"},
            command_observer_connection_stat_reset,
            nullptr,
            Guard::root_acl,
            Command::server_required,
            Command::get_or_post},
    Command{{"observers", "obsr"}, command_observers},
    Command{{"restore", "rest"},
            nullptr,
            nullptr,
            Guard::root_acl_proven,
            Command::server_required,
            Command::post,
            Command::upload},
    Command{{"ruok"}, command_ruok},
    Command{{"server_stats", "srvr"}, command_server_stats},
    Command{{"set_trace_mask", "stmk"},
            command_set_trace_mask,
            nullptr,
            Guard::root_acl,
            Command::always,
            Command::get_or_post},
    Command{{"snapshot", "snap"},
            nullptr,
            nullptr,
            Guard::root_acl_proven,
            Command::server_required,
            Command::get,
            Command::file},
    Command{.names = {"stat_reset", "srst"},
            .guard = Guard::root_acl,
            .method = Command::get_or_post,
            .change = reset_server_stats},
    Command{{"stats", "stat"}, nullptr, command_stats, Guard::root_acl},
    Command{{"system_properties", "sysp"}, command_system_properties, nullptr, Guard::root_acl, Command::always},
    Command{{"voting_view"}, command_voting_view},
    Command{{"watch_summary", "wchs"}, command_watch_summary},
    Command{{"watches", "wchc"}, nullptr, command_watches, Guard::root_acl},
    Command{{"watches_by_path", "wchp"}, nullptr, command_watches_by_path, Guard::root_acl},
    Command{{"zabstate"}, command_zabstate, nullptr, Guard::none, Command::always},
};

const Command* find_command(std::string_view name) {
  const auto at = std::ranges::find_if(
      kCommands, [&](const Command& each) { return std::ranges::find(each.names, name) != each.names.end(); });
  return name.empty() || at == kCommands.end() ? nullptr : &*at;
}

// As Jetty answers a path that it does not serve, without its page for people.
http::Answer not_found() {
  return {
      .status = 404, .type = "text/plain", .text = "Nothing is here. The commands are listed at admin.commandURL.\n"};
}

http::Answer carry_out(const Command& command, const CommandQuestion& question) {
  const std::string_view name = command.names.front();
  if (command.long_answer == nullptr) {
    JsonText json;
    json.begin_object();
    if (command.answer != nullptr) command.answer(question, json);
    end_answer(json, name);
    return {.type = "application/json", .text = json.take()};
  }
  auto steps = std::make_unique<JsonSteps>();
  steps->once([](JsonText& json) { json.begin_object(); });
  command.long_answer(question, *steps);
  steps->once([name](JsonText& json) { end_answer(json, name); });
  return {.type = "application/json", .content = std::move(steps)};
}

}  // namespace

http::Answer Commands::links() const {
  std::string text;
  for (const Command& command : kCommands)
    text += fmt::format("<a href=\"{0}/{1}\">{1}</a>\n<br/>\n", options_.url, command.names.front());
  return {.type = "text/html", .text = std::move(text)};
}

http::Answer Commands::run(std::string_view name, const http::Request& request) {
  const Command* const command = find_command(name);
  if (command == nullptr) return failure(name, fmt::format("Unknown command: {}", name), 200);
  if (request.method == Method::post && command->method == Command::get)
    return {.status = 405, .headers = {{"Allow", "GET, HEAD"}}};
  if (request.method != Method::post && command->method == Command::post)
    return {.status = 405, .headers = {{"Allow", "POST"}}};
  if (command->when == Command::server_required && !server_.is_serving())
    return failure(name, "This ZooKeeper instance is not currently serving requests", 200);
  server::Core& core = server_.core();
  if (const Verdict verdict = admit(command->guard, request, core, core.stats); verdict.status != 200)
    return failure(name, verdict.why, verdict.status);
  if (command->kind == Command::file) return snapshot_.answer(request);
  if (command->change != nullptr) command->change(server_);
  return carry_out(*command, {{server_, facts_, request.peer}, request, trace_mask_});
}

std::unique_ptr<http::Intake> Commands::intake(const http::Request& request) {
  std::string_view path = request.path;
  if (request.method != Method::post || !path.starts_with(options_.url)) return nullptr;
  path.remove_prefix(options_.url.size());
  if (path.size() < 2 || path.front() != '/') return nullptr;
  const Command* const command = find_command(path.substr(1));
  return command != nullptr && command->kind == Command::upload ? restore_.intake(request) : nullptr;
}

http::Answer Commands::answer(const http::Request& request) {
  std::string_view path = request.path;
  if (auto health = answer_health(request, server_)) return std::move(*health);
  if (path == "/metrics") return answer_metrics({server_, facts_, request.peer}, request, ProcessMetrics::shown);
  if (!path.starts_with(options_.url)) return not_found();
  path.remove_prefix(options_.url.size());
  if (!path.empty() && path.front() != '/') return not_found();
  switch (request.method) {
    case Method::options:
      return {.headers = {{"Allow", "GET, HEAD, POST, OPTIONS"}}};
    case Method::trace:
      return {.status = 403};
    case Method::other:
      return {.status = 405, .headers = {{"Allow", "GET, HEAD, POST, OPTIONS"}}};
    default:
      break;
  }
  if (path.size() <= 1) return links();
  return run(path.substr(1), request);
}

}  // namespace quoll::admin
