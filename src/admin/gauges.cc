#include "admin/gauges.h"

#include "admin/java_text.h"

namespace quoll::admin {

namespace {

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

void add_work(const Question& question, MetricSink& metrics) {
  const server::Server& server = question.server;
  const server::Core& core = server.core();
  const server::ServerStats& stats = core.stats;
  metrics.gauge("avg_latency", four_decimals(stats.latency_ms.average()));
  metrics.gauge("max_latency", stats.latency_ms.max());
  metrics.gauge("min_latency", stats.latency_ms.min());
  metrics.gauge("packets_received", stats.packets_received);
  metrics.gauge("packets_sent", stats.packets_sent);
  metrics.gauge("num_alive_connections", number(server.connections().size()));
  metrics.gauge("outstanding_requests", server.requests().in_progress());
  metrics.gauge("uptime", core.env.clock.elapsed_ms() - server.started_ms());
}

void add_state(const Question& question, MetricSink& metrics) {
  const machine::State& state = question.server.core().state;
  metrics.gauge("znode_count", state.tree.node_count());
  metrics.gauge("watch_count", number(state.watch_count()));
  metrics.gauge("ephemerals_count", state.tree.ephemerals_count());
  metrics.gauge("approximate_data_size", state.tree.approximate_data_size());
  metrics.gauge("global_sessions", number(state.sessions.size()));
  metrics.gauge("local_sessions", 0);  // local sessions are not implemented
}

}  // namespace

void add_gauges(const Question& question, MetricSink& metrics) {
  add_work(question, metrics);
  add_state(question, metrics);
  const Facts& facts = question.facts;
  const server::ServerStats& stats = question.server.core().stats;
  metrics.gauge("open_file_descriptor_count", ask(facts.open_files));
  metrics.gauge("max_file_descriptor_count", ask(facts.open_files_max));
  metrics.gauge("connection_drop_probability", question.server.throttle().connections().drop_chance());
  metrics.gauge("last_client_response_size", stats.last_response_bytes);
  metrics.gauge("max_client_response_size", stats.max_response_bytes);
  metrics.gauge("min_client_response_size", stats.min_response_bytes);
  metrics.gauge("outstanding_tls_handshake", ask(facts.tls_handshakes_under_way));
  metrics.gauge("auth_failed_count", stats.auth_failures);
  // Apache counts clients without a certificate only in its Netty server; the default NIO server prints 0.
  metrics.gauge("non_mtls_remote_conn_count", 0);
  metrics.gauge("non_mtls_local_conn_count", 0);
}

void add_other_counters(const Question& question, MetricSink& metrics) {
  metrics.counter("digest_mismatches_count", static_cast<std::int64_t>(question.server.core().state.digest_mismatches));
  metrics.counter("unsuccessful_handshake", ask(question.facts.tls_handshakes_failed));
  metrics.counter("tls_handshake_exceeded", ask(question.facts.tls_handshakes_refused));
}

}  // namespace quoll::admin
