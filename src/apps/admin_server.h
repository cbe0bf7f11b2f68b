// The HTTP ports of a server, as the configuration wants them: for its commands, and for Prometheus.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "admin/commands.h"
#include "admin/prometheus.h"
#include "config/settings.h"
#include "env/env.h"
#include "http/port.h"

namespace quoll::apps {

class AdminServer {
 public:
  // All references must outlive it.
  AdminServer(env::Env& env, server::Server& server, const admin::Facts& facts, const config::Settings& settings);

  // Opens the port, unless admin.enableServer=false. An error prevents the start, as in Apache's server, where it has
  // an exit code of its own: a port that was asked for by admin.serverPort is taken, and the server runs alone. If
  // nobody asked for the port, or the server is a member of an ensemble, it serves its clients without an admin server.
  [[nodiscard]] std::expected<void, std::string> open();
  // Opens the ports of the metrics provider, if there is one. An error prevents the start, as in Apache's server.
  [[nodiscard]] std::expected<void, std::string> open_metrics();

 private:
  std::expected<void, std::string> open_metrics_port(std::optional<http::Port>& port, std::int32_t number,
                                                     env::Security security);

  env::Env& env_;
  const config::Settings& settings_;
  admin::Commands commands_;
  std::optional<http::Port> port_;
  admin::MetricsPage metrics_;
  std::optional<http::Port> metrics_port_;
  std::optional<http::Port> metrics_https_port_;
};

}  // namespace quoll::apps
