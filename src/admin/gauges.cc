#include "admin/gauges.h"

#include "admin/java_text.h"

namespace quoll::admin {

namespace {

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

void add_work(const Question& question, MetricLines& lines) {
  server::Server& server = question.server;
  const server::Core& core = server.core();
  const server::ServerStats& stats = core.stats;
  lines.add_double("avg_latency", four_decimals(stats.latency_ms.average()));
  lines.add("max_latency", stats.latency_ms.max());
  lines.add("min_latency", stats.latency_ms.min());
  lines.add("packets_received", stats.packets_received);
  lines.add("packets_sent", stats.packets_sent);
  lines.add("num_alive_connections", number(server.connections().size()));
  lines.add("outstanding_requests", server.requests().in_progress());
  lines.add("uptime", core.env.clock.elapsed_ms() - server.started_ms());
}

void add_state(const Question& question, MetricLines& lines) {
  const machine::State& state = question.server.core().state;
  lines.add("znode_count", state.tree.node_count());
  lines.add("watch_count", number(state.watch_count()));
  lines.add("ephemerals_count", state.tree.ephemerals_count());
  lines.add("approximate_data_size", state.tree.approximate_data_size());
  lines.add("global_sessions", number(state.sessions.size()));
  lines.add("local_sessions", 0);  // local sessions are not implemented
}

}  // namespace

void add_gauges(const Question& question, MetricLines& lines) {
  add_work(question, lines);
  add_state(question, lines);
  const Facts& facts = question.facts;
  const server::ServerStats& stats = question.server.core().stats;
  lines.add("open_file_descriptor_count", ask(facts.open_files));
  lines.add("max_file_descriptor_count", ask(facts.open_files_max));
  lines.add_double("connection_drop_probability", question.server.throttle().connections().drop_chance());
  lines.add("last_client_response_size", stats.last_response_bytes);
  lines.add("max_client_response_size", stats.max_response_bytes);
  lines.add("min_client_response_size", stats.min_response_bytes);
  lines.add("outstanding_tls_handshake", ask(facts.tls_handshakes_under_way));
  lines.add("auth_failed_count", stats.auth_failures);
  // Apache counts clients without a certificate only in its Netty server; the default NIO server prints 0.
  lines.add("non_mtls_remote_conn_count", 0);
  lines.add("non_mtls_local_conn_count", 0);
}

void add_other_counters(const Question& question, MetricLines& lines) {
  lines.add("digest_mismatches_count", static_cast<std::int64_t>(question.server.core().state.digest_mismatches));
  lines.add("unsuccessful_handshake", ask(question.facts.tls_handshakes_failed));
  lines.add("tls_handshake_exceeded", ask(question.facts.tls_handshakes_refused));
}

}  // namespace quoll::admin
