#include "apps/admin_server.h"

#include <fmt/format.h>

namespace quoll::apps {

AdminServer::AdminServer(env::Env& env, server::Server& server, const admin::Facts& facts,
                         const config::Settings& settings)
    : env_(env),
      settings_(settings),
      commands_(server, facts,
                {.url = settings.admin.command_url,
                 .snapshot = {settings.admin.snapshots, settings.admin.rate_interval_ms},
                 .restore = {settings.admin.restores, settings.admin.rate_interval_ms}}),
      metrics_(server, facts,
               settings.prometheus.process_metrics ? admin::ProcessMetrics::shown : admin::ProcessMetrics::hidden) {}

std::expected<void, std::string> AdminServer::open() {
  const config::Admin& admin = settings_.admin;
  if (!admin.enabled) return {};
  port_.emplace(env_, http::Options{.idle_ms = admin.idle_timeout_ms}, commands_);
  const env::Security security = admin.https == config::Https::none    ? env::Security::plain
                                 : admin.https == config::Https::alone ? env::Security::tls
                                                                       : env::Security::tls_or_plain;
  const auto opened =
      port_->open({.host = admin.address, .port = static_cast<std::uint16_t>(admin.port), .security = security});
  if (opened) {
    env_.log.info("Admin server: {}://{}:{}{}", admin.https == config::Https::alone ? "https" : "http", admin.address,
                  port_->local().port, admin.command_url);
    return {};
  }
  port_.reset();
  const std::string text = fmt::format("The admin server can't be started: {}", opened.error());
  if (admin.port_given && settings_.ensemble.runs_alone()) return std::unexpected(text);
  env_.log.warn("{}. Clients are served without it; admin.enableServer=false turns it off", text);
  return {};
}

std::expected<void, std::string> AdminServer::open_metrics() {
  const config::Prometheus& prometheus = settings_.prometheus;
  if (!prometheus.enabled) return {};
  const bool is_one = prometheus.port == prometheus.https_port;
  if (prometheus.port) {
    const auto opened =
        open_metrics_port(metrics_port_, *prometheus.port, is_one ? env::Security::tls_or_plain : env::Security::plain);
    if (!opened || is_one) return opened;
  }
  return prometheus.https_port ? open_metrics_port(metrics_https_port_, *prometheus.https_port, env::Security::tls)
                               : std::expected<void, std::string>();
}

std::expected<void, std::string> AdminServer::open_metrics_port(std::optional<http::Port>& port, std::int32_t number,
                                                                env::Security security) {
  const std::string& host = settings_.prometheus.host;
  port.emplace(env_, http::Options(), metrics_);
  const auto opened = port->open({.host = host, .port = static_cast<std::uint16_t>(number), .security = security});
  if (!opened) return std::unexpected(fmt::format("The port for Prometheus can't be opened: {}", opened.error()));
  env_.log.info("Metrics: {}://{}:{}/metrics", security == env::Security::tls ? "https" : "http", host,
                port->local().port);
  return {};
}

}  // namespace quoll::apps
