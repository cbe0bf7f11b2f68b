// mntr: every metric.
#include <algorithm>
#include <fmt/format.h>

#include "admin/ensemble_status.h"
#include "admin/gauges.h"
#include "admin/metric_lines.h"
#include "admin/metric_names.h"
#include "admin/status.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

void add(std::string_view name, const server::Counter& value, MetricSink& metrics) {
  metrics.counter(name, value);
}
template <typename Summary>
void add(std::string_view name, const Summary& value, MetricSink& metrics) {
  metrics.summary(name, value);
}
void add_of(std::string_view set, std::string_view key, const server::Counter& value, MetricSink& metrics) {
  metrics.counter_of(set, key, value);
}
void add_of(std::string_view set, std::string_view key, const server::Summary& value, MetricSink& metrics) {
  metrics.summary_of(set, key, value);
}

template <typename Measure>
void add_all(std::span<const Metric<Measure>> all, const server::Metrics& from, MetricSink& metrics) {
  static const Measure kNever{};
  for (const Metric<Measure>& metric : all)
    add(metric.name, metric.counted == nullptr ? kNever : from.*metric.counted, metrics);
}

template <typename Measure>
void add_all(std::span<const Metric<server::ByNamespace<Measure>>> all, const server::Metrics& from,
             MetricSink& metrics) {
  for (const auto& metric : all) {
    metrics.begin_set(metric.name, std::is_same_v<Measure, server::Counter> ? SetKind::counter : SetKind::summary);
    std::vector<std::pair<std::string_view, const Measure*>> sorted;
    (from.*metric.counted).for_each([&](const std::string& space, const Measure& measure) {
      sorted.emplace_back(space, &measure);
    });
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [space, measure] : sorted) add_of(metric.name, space, *measure, metrics);
  }
}

// Metrics that Apache's server does not have. They are printed only when they have something to report, because some
// dashboards count the lines.
void add_own_metrics(const server::Core& core, MetricSink& metrics) {
  if (core.writes_are_off) metrics.gauge("quoll_disk_full", std::int64_t{1});
  if (core.snapshots_are_off) metrics.gauge("quoll_disk_low", std::int64_t{1});
  if (core.stats.metrics.writes_refused_disk_full > 0)
    metrics.counter("quoll_writes_refused_disk_full", core.stats.metrics.writes_refused_disk_full);
  if (core.growth_is_off) metrics.gauge("quoll_memory_full", std::int64_t{1});
  if (core.stats.metrics.writes_refused_memory > 0)
    metrics.counter("quoll_writes_refused_memory", core.stats.metrics.writes_refused_memory);
  if (const std::int64_t bytes = core.in_flight.measure(); bytes >= core.in_flight.bytes_max())
    metrics.gauge("quoll_bytes_in_flight", bytes);
  if (core.stats.metrics.connections_cut_off > 0)
    metrics.counter("quoll_connections_given_up", core.stats.metrics.connections_cut_off);
}

}  // namespace

void add_metrics(const Question& question, MetricSink& metrics) {
  const server::Core& core = question.server.core();
  add_gauges(question, metrics);
  add_ensemble_gauges(question.server, metrics);
  add_quota_gauges(core.state.tree, metrics);
  const server::Metrics& from = core.stats.metrics;
  add_all(counters(), from, metrics);
  add_other_counters(question, metrics);
  add_all(counter_sets(), from, metrics);
  add_all(summaries(), from, metrics);
  add_all(advanced_summaries(), from, metrics);
  add_all(summary_sets(), from, metrics);
  // Of a leader in Java, for each of its threads; not counted.
  for (const std::string_view set : {"ack_latency", "learner_handler_qp_size", "learner_handler_qp_time_ms"})
    metrics.begin_set(set, SetKind::summary);
}

void add_monitor(const Question& question, MetricSink& metrics) {
  metrics.text("version", question.facts.version);
  metrics.text("server_state", mode_of(question.server));
  if (is_member(question.server)) metrics.text("peer_state", peer_state_of(question.server));
  add_metrics(question, metrics);
  add_own_metrics(question.server.core(), metrics);
}

std::string answer_mntr(const Question& question) {
  MetricLines lines;
  add_monitor(question, lines);
  return lines.take();
}

}  // namespace quoll::admin
