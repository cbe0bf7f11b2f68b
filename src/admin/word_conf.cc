// conf, dirs: the configuration, and the sizes of the directories.
#include <fmt/format.h>

#include "admin/conf.h"
#include "admin/ensemble_status.h"
#include "admin/words.h"

namespace quoll::admin {

int port_of(const Question& question, PortRole role) {
  const auto& listeners = question.server.listeners();
  for (std::size_t i = 0; i < listeners.size() && i < question.facts.port_roles.size(); ++i) {
    if (question.facts.port_roles[i] == role) return listeners[i]->local().port;
  }
  return -1;
}

int backlog_of(const server::Options& options) {
  return options.client_ports.empty() ? -1 : options.client_ports.front().backlog;
}

std::string answer_conf(const Question& question) {
  const server::Options& options = question.server.core().options;
  const Facts& facts = question.facts;
  std::string out;
  const auto line = [&](std::string_view key, const auto& value) { out += fmt::format("{}={}\n", key, value); };
  line("clientPort", port_of(question, PortRole::plain));
  line("secureClientPort", port_of(question, PortRole::secure));
  line("dataDir", facts.snapshot_dir);
  line("dataDirSize", ask(facts.snapshot_dir_bytes));
  line("dataLogDir", facts.log_dir);
  line("dataLogSize", ask(facts.log_dir_bytes));
  line("tickTime", options.tick_ms);
  line("maxClientCnxns", options.limits.client_connections_max);
  line("minSessionTimeout", options.min_session_timeout_ms);
  line("maxSessionTimeout", options.max_session_timeout_ms);
  line("clientPortListenBacklog", backlog_of(options));
  const auto& ensemble = options.ensemble;
  line("serverId", ensemble ? ensemble->self.value() : 0);  // a standalone server has id 0
  if (ensemble) out += membership_lines(*ensemble);
  return out;
}

std::string answer_dirs(const Question& question) {
  return fmt::format("datadir_size: {}\nlogdir_size: {}\n", ask(question.facts.snapshot_dir_bytes),
                     ask(question.facts.log_dir_bytes));
}

}  // namespace quoll::admin
