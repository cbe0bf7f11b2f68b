#include "admin/metric_sink.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "admin/java_text.h"

namespace quoll::admin {

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double part) {
  // The same interpolation as Dropwizard's UniformSnapshot, which Apache uses.
  if (sorted.empty()) return 0;
  const double position = part * static_cast<double>(sorted.size() + 1);
  const auto index = static_cast<std::size_t>(position);
  if (index < 1) return sorted.front();
  if (index >= sorted.size()) return sorted.back();
  const auto lower = static_cast<double>(sorted[index - 1]);
  const auto upper = static_cast<double>(sorted[index]);
  return static_cast<std::int64_t>(std::floor(lower + (position - std::floor(position)) * (upper - lower) + 0.5));
}

void FlatMetricSink::summary(std::string_view name, const server::Summary& summary) {
  flat(fmt::format("avg_{}", name), four_decimals(summary.average()));
  flat(fmt::format("min_{}", name), summary.min());
  flat(fmt::format("max_{}", name), summary.max());
  flat(fmt::format("cnt_{}", name), summary.count());
  flat(fmt::format("sum_{}", name), summary.sum());
}

void FlatMetricSink::summary(std::string_view name, const server::AdvancedSummary& summary) {
  this->summary(name, summary.summary());
  auto sorted = summary.samples();
  std::sort(sorted.begin(), sorted.end());
  flat(fmt::format("p50_{}", name), percentile(sorted, 0.5));
  flat(fmt::format("p95_{}", name), percentile(sorted, 0.95));
  flat(fmt::format("p99_{}", name), percentile(sorted, 0.99));
  flat(fmt::format("p999_{}", name), percentile(sorted, 0.999));
}

void FlatMetricSink::gauge_of(std::string_view set, std::string_view key, std::int64_t value) {
  flat(fmt::format("{}_{}", key, set), value);
}

void FlatMetricSink::counter_of(std::string_view set, std::string_view key, std::int64_t value) {
  flat(fmt::format("{}_{}", key, set), value);
}

void FlatMetricSink::summary_of(std::string_view set, std::string_view key, const server::Summary& summary) {
  this->summary(fmt::format("{}_{}", key, set), summary);
}

}  // namespace quoll::admin
