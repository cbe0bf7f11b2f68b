// mntr: every metric. Within one kind Apache prints them in hash table order; here they are in the order of
// metric_names.h.
#include <algorithm>
#include <fmt/format.h>

#include "admin/gauges.h"
#include "admin/metric_names.h"
#include "admin/status.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

template <typename Measure>
void add_all(std::span<const Metric<Measure>> metrics, const server::Metrics& from, MetricLines& lines) {
  static const Measure kNever{};
  for (const Metric<Measure>& metric : metrics)
    lines.add(metric.name, metric.counted == nullptr ? kNever : from.*metric.counted);
}

template <typename Measure>
void add_all(std::span<const Metric<server::ByNamespace<Measure>>> metrics, const server::Metrics& from,
             MetricLines& lines) {
  for (const auto& metric : metrics) {
    std::vector<std::pair<std::string_view, const Measure*>> sorted;
    (from.*metric.counted).for_each([&](const std::string& space, const Measure& measure) {
      sorted.emplace_back(space, &measure);
    });
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [space, measure] : sorted) lines.add(fmt::format("{}_{}", space, metric.name), *measure);
  }
}

// Metrics that Apache's server does not have. They are printed only when they have something to report, because some
// dashboards count the lines.
void add_own_metrics(server::Core& core, MetricLines& lines) {
  if (core.writes_are_off) lines.add("quoll_disk_full", 1);
  if (core.snapshots_are_off) lines.add("quoll_disk_low", 1);
  if (core.stats.metrics.writes_refused_disk_full > 0)
    lines.add("quoll_writes_refused_disk_full", core.stats.metrics.writes_refused_disk_full);
  core.in_flight.refresh();
  if (core.in_flight.is_high()) lines.add("quoll_bytes_in_flight", core.in_flight.total());
  if (core.stats.metrics.connections_cut_off > 0)
    lines.add("quoll_connections_given_up", core.stats.metrics.connections_cut_off);
}

}  // namespace

std::string answer_mntr(const Question& question) {
  server::Core& core = question.server.core();
  MetricLines lines;
  lines.add("version", question.facts.version);
  lines.add("server_state", mode_of(question.server));
  add_gauges(question, lines);
  add_quota_gauges(core.state.tree, lines);
  const server::Metrics& metrics = core.stats.metrics;
  add_all(counters(), metrics, lines);
  add_other_counters(question, lines);
  add_all(counter_sets(), metrics, lines);
  add_all(summaries(), metrics, lines);
  add_all(advanced_summaries(), metrics, lines);
  add_all(summary_sets(), metrics, lines);
  add_own_metrics(core, lines);
  return lines.take();
}

}  // namespace quoll::admin
