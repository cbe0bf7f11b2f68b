// ruok, server_stats, is_read_only, hash, last_snapshot, and the trace mask.
#include <charconv>
#include <fmt/format.h>

#include "admin/command.h"
#include "admin/java_text.h"
#include "admin/status.h"

namespace quoll::admin {

namespace {

// org.apache.zookeeper.server.quorum.BufferStats.
void write_sizes(JsonText& json, std::string_view key, std::int64_t last, std::int64_t min, std::int64_t max) {
  json.key(key);
  json.begin_object();
  json.field("last_buffer_size", last);
  json.field("min_buffer_size", min);
  json.field("max_buffer_size", max);
  json.end_object();
}

void write_response_sizes(JsonText& json, std::string_view key, const server::ServerStats& stats) {
  write_sizes(json, key, stats.last_response_bytes, stats.min_response_bytes, stats.max_response_bytes);
}

// The getters of org.apache.zookeeper.server.ServerStats, named and ordered as Jackson does it.
void write_server_stats(const Question& about, JsonText& json) {
  const server::Core& core = about.server.core();
  const server::ServerStats& stats = core.stats;
  json.key("server_stats");
  json.begin_object();
  json.field("packets_sent", stats.packets_sent);
  json.field("packets_received", stats.packets_received);
  json.field("fsync_threshold_exceed_count", stats.fsync_threshold_exceeded);
  write_response_sizes(json, "client_response_stats", stats);
  json.field("data_dir_size", ask(about.facts.snapshot_dir_bytes));
  json.field("log_dir_size", ask(about.facts.log_dir_bytes));
  json.field("provider_null", false);
  json.field("last_processed_zxid", core.zxid());
  json.field("outstanding_requests", about.server.requests().in_progress());
  json.field("server_state", mode_of(about.server));
  json.field("avg_latency", four_decimals(stats.latency_ms.average()));
  json.field("max_latency", stats.latency_ms.max());
  json.field("min_latency", stats.latency_ms.min());
  json.field("num_alive_client_connections", about.server.connections().size());
  json.field("uptime", core.env.clock.elapsed_ms() - about.server.started_ms());
  json.field("auth_failed_count", stats.auth_failures);
  json.field("non_mtlsremote_conn_count", 0);  // see gauges.cc
  json.field("non_mtlslocal_conn_count", 0);
  json.end_object();
}

}  // namespace

void command_ruok(const CommandQuestion&, JsonText&) {}

void command_server_stats(const CommandQuestion& question, JsonText& json) {
  write_server_state(question.about, json);
}

void write_server_state(const Question& about, JsonText& json) {
  const server::ServerStats& stats = about.server.core().stats;
  json.field("version", about.facts.version);
  json.field("read_only", false);  // a server that serves readers without a quorum is not offered
  write_server_stats(about, json);
  write_response_sizes(json, "client_response", stats);
  if (mode_of(about.server) == "leader")
    write_sizes(json, "proposal_stats", stats.proposal_bytes.last, stats.proposal_bytes.min, stats.proposal_bytes.max);
  json.field("node_count", about.server.core().state.tree.node_count());
}

void command_is_read_only(const CommandQuestion&, JsonText& json) {
  json.field("read_only", false);
}

void command_hash(const CommandQuestion& question, JsonText& json) {
  json.key("digests");
  json.begin_array();
  for (const machine::ZxidDigest& entry : question.about.server.core().state.digest_log) {
    json.begin_object();
    json.field("zxid", entry.zxid);
    json.field("digest", entry.digest);
    json.field("digest_version", entry.version);
    json.end_object();
  }
  json.end_array();
}

void command_last_snapshot(const CommandQuestion& question, JsonText& json) {
  const server::Snapshots* const snapshots = question.about.server.snapshots();
  const bool has_one = snapshots != nullptr && snapshots->last_finished_wall_ms() > 0;
  json.field("zxid", has_one ? fmt::format("{:x}", static_cast<std::uint64_t>(snapshots->last_zxid()))
                             : std::string("ffffffffffffffff"));
  json.field("timestamp", has_one ? snapshots->last_finished_wall_ms() / 1000 : -1);
}

void command_get_trace_mask(const CommandQuestion& question, JsonText& json) {
  json.field("tracemask", question.trace_mask);
}

void command_set_trace_mask(const CommandQuestion& question, JsonText& json) {
  const auto given = question.request.parameter("traceMask");
  if (!given) return json.field("error", "setTraceMask requires long traceMask argument");
  std::int64_t mask = 0;
  const char* const end = given->data() + given->size();
  if (const auto [at, code] = std::from_chars(given->data(), end, mask); code != std::errc() || at != end)
    return json.field("error", fmt::format("setTraceMask requires long traceMask argument, got {}", *given));
  question.trace_mask = mask;
  json.field("tracemask", mask);
}

}  // namespace quoll::admin
