#include "config/fill.h"

#include "config/ensemble.h"
#include "config/text.h"

namespace quoll::config {
namespace {

// As in BlueThrottle.java, no session costs fewer tokens than a local one.
void raise_to_local(Values& values, std::string_view key, std::int32_t& weight, std::int32_t local) {
  if (weight >= local) return;
  values.note(Weight::warning, key,
              fmt::format("is {}, which is less than connection_throttle_local_session_weight; {} is taken, as by "
                          "Apache's server",
                          weight, local));
  weight = local;
}

// Either a port, with or without an address, or neither. An address alone is an error, as in Apache.
std::optional<Listen> listen(Values& values, std::string_view port_key, std::string_view address_key) {
  const auto port = values.maybe_int(port_key);
  auto address = values.text(address_key);
  const bool address_given = values.find(address_key) != nullptr;
  if (address_given && address.empty() && port) {
    // As InetAddress.getByName resolves an empty text.
    address = "127.0.0.1";
    values.note(Weight::warning, address_key,
                "is empty, which counts as 127.0.0.1, as in Apache's server: only clients on this machine can connect. "
                "Leave the line out to listen on every address");
  }
  if (!port) {
    if (address_given) values.fault(address_key, fmt::format("is set, but {} is not", port_key));
    return std::nullopt;
  }
  return Listen{address.starts_with('[') && address.ends_with(']') ? address.substr(1, address.size() - 2) : address,
                static_cast<std::uint16_t>(*port)};
}

}  // namespace

Network fill_network(Values& values) {
  Network network;
  network.client = listen(values, "clientPort", "clientPortAddress");
  network.secure_client = listen(values, "secureClientPort", "secureClientPortAddress");
  network.backlog = values.int32("clientPortListenBacklog");
  network.tcp_keep_alive = values.boolean("clientTcpKeepAlive");
  network.sessionless_timeout_ms = values.int32("nio.sessionlessCnxnTimeout");
  return network;
}

Sessions fill_sessions(Values& values, const Ensemble& ensemble) {
  Sessions sessions;
  sessions.tick_ms = values.int32("tickTime");
  auto min = values.int32("minSessionTimeout");
  if (min < -1) {
    values.note(Weight::warning, "minSessionTimeout", fmt::format("is {}, which is too low; 0 is taken", min));
    min = 0;
  }
  const auto max = values.int32("maxSessionTimeout");
  sessions.timeout_min_ms = min == -1 ? sessions.tick_ms * 2 : min;
  sessions.timeout_max_ms = max == -1 ? sessions.tick_ms * 20 : max;
  sessions.random_passwords = values.text("quoll.sessionPasswords") == "random";
  if (sessions.random_passwords && !ensemble.runs_alone())
    values.fault("quoll.sessionPasswords",
                 "is random, which an ensemble does not offer: a client may continue its session on another server, "
                 "which must know its password. Remove the line");
  if (sessions.timeout_min_ms > sessions.timeout_max_ms) {
    values.fault(max == -1 ? "minSessionTimeout" : "maxSessionTimeout",
                 fmt::format("makes the shortest session timeout ({} ms) longer than the longest ({} ms)",
                             sessions.timeout_min_ms, sessions.timeout_max_ms));
  }
  return sessions;
}

Limits fill_limits(Values& values) {
  Limits limits;
  limits.connections_per_address_max = std::max(values.int32("maxClientCnxns"), 0);
  limits.connections_max = values.int32("maxCnxns");
  limits.request_bytes_max = values.int32("jute.maxbuffer");
  const auto extra = values.maybe_int("jute.maxbuffer.extrasize").value_or(limits.request_bytes_max);
  limits.record_extra_bytes = static_cast<std::int32_t>(std::max<std::int64_t>(extra, 1024));  // Apache's minimum
  limits.outstanding_max = values.int32("globalOutstandingLimit");
  limits.in_flight_bytes_max = values.maybe_int("quoll.bytesInFlightMax");
  limits.memory = values.maybe_int("quoll.memoryLimit");
  limits.reply_bytes_max = values.int64("quoll.replyBytesMax");
  limits.watch_bytes_per_connection = values.int64("quoll.watchBytesPerConnection");
  limits.watch_bytes_max = values.maybe_int("quoll.watchBytesMax");
  limits.large_request_bytes = values.int32("largeRequestThreshold");
  if (limits.large_request_bytes == 0) limits.large_request_bytes = -1;  // as in Apache
  limits.large_requests_bytes_max = values.int32("largeRequestMaxBytes");
  return limits;
}

RequestThrottle fill_request_throttle(Values& values) {
  RequestThrottle throttle;
  throttle.requests_max = values.int32("request_throttle_max_requests");
  throttle.op_wait_max_ms = values.int32("throttled_op_wait_time");
  return throttle;
}

ConnectionThrottle fill_connection_throttle(Values& values) {
  ConnectionThrottle throttle;
  throttle.tokens = values.int32("connection_throttle_tokens");
  throttle.fill_time_ms = values.int32("connection_throttle_fill_time");
  throttle.fill_count = values.int32("connection_throttle_fill_count");
  throttle.freeze_time_ms = values.int32("connection_throttle_freeze_time");
  throttle.drop_increase = values.real("connection_throttle_drop_increase");
  throttle.drop_decrease = values.real("connection_throttle_drop_decrease");
  throttle.decrease_ratio = values.real("connection_throttle_decrease_ratio");
  throttle.weight_enabled = values.boolean("connection_throttle_weight_enabled");
  throttle.global_session_weight = values.int32("connection_throttle_global_session_weight");
  throttle.local_session_weight = values.int32("connection_throttle_local_session_weight");
  throttle.renew_session_weight = values.int32("connection_throttle_renew_session_weight");
  raise_to_local(values, "connection_throttle_global_session_weight", throttle.global_session_weight,
                 throttle.local_session_weight);
  raise_to_local(values, "connection_throttle_renew_session_weight", throttle.renew_session_weight,
                 throttle.local_session_weight);
  return throttle;
}

Znodes fill_znodes(Values& values) {
  Znodes znodes;
  znodes.extended_types = values.boolean("extendedTypesEnabled");
  znodes.emulate_353_ttl = values.boolean("emulate353TTLNodes");
  znodes.container_check_interval_ms = values.int32("znode.container.checkIntervalMs");
  znodes.container_removals_per_minute_max = values.int32("znode.container.maxPerMinute");
  znodes.container_never_used_max_ms = values.int64("znode.container.maxNeverUsedIntervalMs");
  znodes.enforce_quota = values.boolean("enforceQuota");
  return znodes;
}

FourLetterWords fill_four_letter_words(Values& values, const Ensemble& ensemble) {
  FourLetterWords words;
  for (const auto& word : values.list("4lw.commands.whitelist")) {
    if (word == "*")
      words.all = true;
    else
      words.allowed.insert(word);
  }
  if (ensemble.read_only_mode) words.allowed.insert("isro");
  return words;
}

Admin fill_admin(Values& values) {
  Admin admin;
  admin.enabled = values.boolean("admin.enableServer");
  admin.address = values.text("admin.serverAddress");
  admin.port = values.int32("admin.serverPort");
  admin.port_given = values.find("admin.serverPort") != nullptr;
  admin.idle_timeout_ms = values.int32("admin.idleTimeout");
  admin.command_url = values.text("admin.commandURL");
  while (admin.command_url.ends_with('/')) admin.command_url.pop_back();
  if (!admin.command_url.empty() && !admin.command_url.starts_with('/'))
    values.fault("admin.commandURL", "must begin with a slash, as /commands does");
  admin.snapshots = values.boolean("admin.snapshot.enabled");
  admin.restores = values.boolean("admin.restore.enabled");
  admin.rate_interval_ms = values.int32("admin.rateLimiterIntervalInMS");
  return admin;
}

Audit fill_audit(Values& values) {
  Audit audit;
  audit.enabled = values.boolean("audit.enable");
  audit.file = values.text("quoll.audit.file");
  const std::string class_name = values.text("audit.impl.class");
  if (audit.enabled && class_name != "org.apache.zookeeper.audit.Slf4jAuditLogger") {
    values.fault("audit.impl.class",
                 "names a class that Quoll does not have, and a server that should keep an audit log must not run "
                 "without: remove the line, and the log goes to quoll.audit.file");
  }
  return audit;
}

// Apache's server does not start with a class that it cannot load.
Prometheus fill_prometheus(Values& values) {
  constexpr std::string_view kPackage = "org.apache.zookeeper.metrics.";
  constexpr std::string_view kKey = "metricsProvider.className";
  Prometheus prometheus;
  prometheus.host = values.text("metricsProvider.httpHost");
  // As in Apache's 3.10, where the default is -1; in 3.9 it is 7000, and there is no HTTPS.
  prometheus.port = values.int32("metricsProvider.httpPort");
  if (values.int32("metricsProvider.httpsPort") != -1) {
    prometheus.https_port = values.int32("metricsProvider.httpsPort");
    if (values.find("metricsProvider.httpPort") == nullptr) prometheus.port.reset();
  }
  if (prometheus.port == -1) prometheus.port.reset();
  prometheus.process_metrics = values.boolean("metricsProvider.exportJvmInfo");
  const std::string name = values.text(kKey);
  const std::string_view rest =
      name.starts_with(kPackage) ? std::string_view(name).substr(kPackage.size()) : std::string_view();
  prometheus.enabled = rest == "prometheus.PrometheusMetricsProvider";
  if (!prometheus.enabled && rest != "impl.DefaultMetricsProvider" && rest != "impl.NullMetricsProvider") {
    values.note(Weight::warning, kKey,
                "names a class that Quoll does not have: no metrics are published. There is "
                "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider");
  }
  if (prometheus.enabled && !prometheus.port && !prometheus.https_port)
    values.fault("metricsProvider.httpPort", "is -1, and there is no metricsProvider.httpsPort: name one of them");
  return prometheus;
}

namespace {

env::Level log_level(Values& values) {
  constexpr std::pair<std::string_view, env::Level> kLevels[] = {
      {"trace", env::Level::trace}, {"all", env::Level::trace}, {"debug", env::Level::debug},
      {"info", env::Level::info},   {"warn", env::Level::warn}, {"error", env::Level::error},
      {"fatal", env::Level::error}, {"off", env::Level::error}};
  const auto own = values.maybe_text("quoll.log.level");
  const auto log4j = comma_list(values.text("zookeeper.root.logger"));
  const auto word = own ? *own : log4j.empty() ? std::string("info") : log4j.front();
  for (const auto& [name, level] : kLevels) {
    if (equal_ignoring_case(name, word)) return level;
  }
  if (!own) values.note(Weight::warning, "zookeeper.root.logger", "does not begin with a known level; info is taken");
  return env::Level::info;
}

}  // namespace

LogOutput fill_log(Values& values) {
  const auto format = values.text("quoll.log.format");
  return {.level = log_level(values),
          .format = format == "json"    ? LogFormat::json
                    : format == "log4j" ? LogFormat::log4j
                                        : LogFormat::text,
          .file = values.text("quoll.log.file")};
}

Settings fill(Values& values, const Files& files) {
  Settings settings;
  settings.network = fill_network(values);
  settings.storage = fill_storage(values);
  settings.ensemble = fill_ensemble(values);
  settle_ensemble(files, values, settings);
  settings.sessions = fill_sessions(values, settings.ensemble);
  settings.limits = fill_limits(values);
  settings.request_throttle = fill_request_throttle(values);
  settings.connection_throttle = fill_connection_throttle(values);
  settings.purge = fill_purge(values);
  settings.znodes = fill_znodes(values);
  settings.sasl = fill_sasl(values);
  settings.tls = fill_tls(values, settings.network);
  settings.auth = fill_auth(values, settings.network, settings.tls);
  settings.four_letter_words = fill_four_letter_words(values, settings.ensemble);
  settings.admin = fill_admin(values);
  fill_admin_tls(values, settings.admin);
  settings.prometheus = fill_prometheus(values);
  fill_prometheus_tls(values, settings.prometheus);
  settings.audit = fill_audit(values);
  settings.log = fill_log(values);
  return settings;
}

}  // namespace quoll::config
