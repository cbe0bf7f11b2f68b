#include "apps/server_options.h"

#include "sasl/nonce.h"

namespace quoll::apps {

namespace {

void fill_ports(const config::Settings& settings, server::Options& options) {
  const config::Network& network = settings.network;
  const auto probes = network.tcp_keep_alive ? env::ListenOptions::keep_alive : env::ListenOptions::plain_tcp;
  // As in Apache's server, client.portUnification applies to clientPort; secureClientPort accepts TLS only.
  const env::Security plain = settings.tls.on_client_port ? env::Security::tls_or_plain : env::Security::plain;
  if (network.client)
    options.client_ports.push_back({network.client->address, network.client->port, network.backlog, plain, probes});
  if (network.secure_client) {
    options.client_ports.push_back(
        {network.secure_client->address, network.secure_client->port, network.backlog, env::Security::tls, probes});
  }
}

server::Limits limits(const config::Settings& settings) {
  const config::Limits& from = settings.limits;
  server::Limits to;
  to.frame_bytes_max = from.request_bytes_max;
  to.buffer_bytes_max = std::int64_t{from.request_bytes_max} + from.record_extra_bytes;
  to.client_connections_max = from.connections_per_address_max;
  to.connections_max = from.connections_max;
  to.outstanding_max = from.outstanding_max;
  to.large_request_bytes = from.large_request_bytes;
  to.large_requests_bytes_max = from.large_requests_bytes_max;
  to.sessionless_ms = settings.network.sessionless_timeout_ms;
  return to;
}

server::Throttles throttles(const config::Settings& settings) {
  const config::ConnectionThrottle& c = settings.connection_throttle;
  server::Throttles to;
  to.requests_max = settings.request_throttle.requests_max;
  to.op_wait_ms = settings.request_throttle.op_wait_max_ms;
  to.connection_tokens = c.tokens;
  to.connection_fill_ms = c.fill_time_ms;
  to.connection_fill_count = c.fill_count;
  to.connection_freeze_ms = c.freeze_time_ms;
  to.connection_drop_increase = c.drop_increase;
  to.connection_drop_decrease = c.drop_decrease;
  to.connection_decrease_ratio = c.decrease_ratio;
  to.connection_weights = c.weight_enabled;
  to.weight_global_session = c.global_session_weight;
  to.weight_local_session = c.local_session_weight;
  to.weight_renew_session = c.renew_session_weight;
  return to;
}

machine::Rules rules(const config::Settings& settings) {
  machine::Rules to;
  to.owner_rules = {settings.znodes.extended_types, settings.znodes.emulate_353_ttl};
  to.reply_bytes_max = static_cast<std::size_t>(settings.limits.reply_bytes_max);
  to.watch_bytes_per_connection = static_cast<std::size_t>(settings.limits.watch_bytes_per_connection);
  to.digests = settings.storage.digest ? tree::Digests::on : tree::Digests::off;
  to.quotas = settings.znodes.enforce_quota ? machine::Rules::hard : machine::Rules::soft_only;
  to.close_session_txn =
      settings.storage.close_session_txn ? machine::Rules::with_paths : machine::Rules::without_paths;
  to.reconfig = settings.ensemble.reconfig_enabled ? machine::Rules::enabled : machine::Rules::disabled;
  return to;
}

auth::Options auth_options(const config::Settings& settings) {
  const config::Auth& from = settings.auth;
  auth::Options to;
  to.digest_enabled = from.digest;
  to.digest_algorithm = from.digest_algorithm;
  to.super_digest = from.super_digest.reveal();
  to.sasl_enabled = from.sasl;
  to.any_sasl_user_id = from.any_sasl_user_id;
  to.x509_enabled = from.x509 || settings.network.secure_client || settings.tls.on_client_port;
  if (!from.x509_super_user.empty()) to.x509_super_user = from.x509_super_user;
  to.ensemble_enabled = from.ensemble;
  to.ensemble_names = {from.ensemble_names.begin(), from.ensemble_names.end()};
  to.key_enabled = from.key;
  to.skip_acl = from.skip_acl;
  return to;
}

store::Options store_options(const config::Settings& settings) {
  const config::Storage& from = settings.storage;
  store::Options to;
  to.data_dir = from.data_dir;
  to.data_log_dir = from.data_log_dir;
  to.pre_alloc_kb = from.pre_alloc_kb;
  to.force_sync = from.force_sync;
  to.log_size_limit_kb = from.log_size_limit_kb;
  to.compression = from.compression == config::Compression::gzip     ? store::Options::gz
                   : from.compression == config::Compression::snappy ? store::Options::snappy
                                                                     : store::Options::none;
  to.trust_empty_snapshot = from.trust_empty_snapshot;
  to.data_dir_autocreate = from.folder_autocreate;
  to.db_autocreate = from.db_autocreate;
  to.digest_enabled = from.digest;
  to.serialize_last_processed_zxid = from.serialize_last_processed_zxid;
  return to;
}

zab::Member member(const config::Ensemble& ensemble, std::int64_t id, const config::ServerLine& line) {
  const auto group = ensemble.group_of.find(id);
  const auto weight = ensemble.weight_of.find(id);
  return {.id = ServerId{id},
          .is_voter = line.role == config::PeerRole::participant,
          .weight = weight == ensemble.weight_of.end() ? 1 : weight->second,
          .group = group == ensemble.group_of.end() ? 0 : group->second};
}

std::optional<server::EnsembleOptions> ensemble_options(const config::Settings& settings) {
  const config::Ensemble& from = settings.ensemble;
  if (from.runs_alone() || !from.self) return std::nullopt;
  server::EnsembleOptions to;
  to.self = ServerId{*from.self};
  for (const auto& [id, line] : from.servers) {
    server::EnsembleMember one{member(from, id, line), {}};
    for (const config::PeerAddress& at : line.addresses)
      one.ports.push_back({at.host, at.quorum_port, at.election_port});
    to.members.push_back(std::move(one));
  }
  to.has_groups = from.has_groups;
  to.version = from.version;
  to.text = from.text;
  to.times = {settings.sessions.tick_ms, from.init_ticks, from.sync_ticks};
  to.election.resend_min_ms = from.votes_resend_min_ms;
  to.election.resend_max_ms = from.votes_resend_max_ms;
  to.listens_on_all_addresses = from.listens_on_all_addresses;
  to.connect_timeout_ms = from.connect_timeout_ms;
  to.leader_serves = from.leader_serves;
  to.accepts = !from.accepts_tls    ? env::Security::plain
               : from.accepts_plain ? env::Security::tls_or_plain
                                    : env::Security::tls;
  to.connects_with = from.connects_with_tls ? env::Security::tls : env::Security::plain;
  return to;
}

}  // namespace

server::Options server_options(const config::Settings& settings) {
  server::Options options;
  options.ensemble = ensemble_options(settings);
  if (options.ensemble) options.session_server = options.ensemble->self;
  fill_ports(settings, options);
  options.tick_ms = settings.sessions.tick_ms;
  options.min_session_timeout_ms = settings.sessions.timeout_min_ms;
  options.max_session_timeout_ms = settings.sessions.timeout_max_ms;
  options.session_passwords = settings.sessions.random_passwords ? server::Options::random : server::Options::of_apache;
  options.secret_source = sasl::secure_nonces();
  options.limits = limits(settings);
  options.throttles = throttles(settings);
  options.rules = rules(settings);
  options.auth = auth_options(settings);
  options.enforced_auth = {!settings.auth.enforced_schemes.empty(), settings.auth.enforced_schemes};
  options.allow_sasl_failed_clients = settings.sasl.allow_failed_clients;
  options.sasl_super_users = {settings.auth.sasl_super_users.begin(), settings.auth.sasl_super_users.end()};
  options.store = store_options(settings);
  options.snapshots = {settings.storage.snap_count, settings.storage.snap_size_limit_kb, settings.purge.interval_ms,
                       settings.purge.snapshots_kept, settings.storage.archive_dir};
  options.containers = {settings.znodes.container_check_interval_ms, settings.znodes.container_removals_per_minute_max,
                        settings.znodes.container_never_used_max_ms};
  options.store.waits_for_space = settings.storage.serve_reads_when_full;
  options.fsync_warning_ms = settings.storage.fsync_warning_ms;
  return options;
}

}  // namespace quoll::apps
