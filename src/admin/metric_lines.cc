#include "admin/metric_lines.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

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

void MetricLines::add(std::string_view name, std::int64_t value) {
  fmt::format_to(std::back_inserter(out_), "zk_{}\t{}\n", name, value);
}

void MetricLines::add(std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out_), "zk_{}\t{}\n", name, value);
}

void MetricLines::add_double(std::string_view name, double value) {
  add(name, java_double(value));
}

void MetricLines::add(std::string_view name, const server::Summary& summary) {
  add_double(fmt::format("avg_{}", name), four_decimals(summary.average()));
  add(fmt::format("min_{}", name), summary.min());
  add(fmt::format("max_{}", name), summary.max());
  add(fmt::format("cnt_{}", name), summary.count());
  add(fmt::format("sum_{}", name), summary.sum());
}

void MetricLines::add(std::string_view name, const server::AdvancedSummary& summary) {
  add(name, summary.summary());
  auto sorted = summary.samples();
  std::sort(sorted.begin(), sorted.end());
  add(fmt::format("p50_{}", name), percentile(sorted, 0.5));
  add(fmt::format("p95_{}", name), percentile(sorted, 0.95));
  add(fmt::format("p99_{}", name), percentile(sorted, 0.99));
  add(fmt::format("p999_{}", name), percentile(sorted, 0.999));
}

}  // namespace quoll::admin
