// configuration, initial_configuration, environment, system_properties, dirs: how the server was started, and where.
#include <fmt/format.h>

#include "admin/command.h"
#include "admin/conf.h"

namespace quoll::admin {

void command_configuration(const CommandQuestion& question, JsonText& json) {
  const Question& about = question.about;
  const server::Options& options = about.server.core().options;
  json.field("client_port", port_of(about, PortRole::plain));
  json.field("data_dir", about.facts.snapshot_dir);
  json.field("data_log_dir", about.facts.log_dir);
  json.field("tick_time", options.tick_ms);
  json.field("max_client_cnxns", std::int64_t{options.limits.client_connections_max});
  json.field("min_session_timeout", options.min_session_timeout_ms);
  json.field("max_session_timeout", options.max_session_timeout_ms);
  json.field("server_id", options.ensemble ? options.ensemble->self.value() : 0);
  json.field("client_port_listen_backlog", std::int64_t{backlog_of(options)});
}

void command_dirs(const CommandQuestion& question, JsonText& json) {
  json.field("datadir_size", ask(question.about.facts.snapshot_dir_bytes));
  json.field("logdir_size", ask(question.about.facts.log_dir_bytes));
}

void command_environment(const CommandQuestion& question, JsonText& json) {
  const Facts& facts = question.about.facts;
  json.field("zookeeper.version", facts.version);
  if (!facts.environment) return;
  for (const auto& [key, value] : facts.environment()) json.field(key, value);
}

void command_initial_configuration(const CommandQuestion& question, JsonText& json) {
  std::string text;
  for (const auto& [key, value] : question.about.facts.settings) text += fmt::format("{}={}\n", key, value);
  json.field("initial_configuration", text);
}

void command_system_properties(const CommandQuestion& question, JsonText& json) {
  for (const auto& [key, value] : question.about.facts.settings) json.field(fmt::format("zookeeper.{}", key), value);
}

}  // namespace quoll::admin
