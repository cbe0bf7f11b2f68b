// Every metric that Apache's standalone server prints, in the order in which it makes them
// (org.apache.zookeeper.server.ServerMetrics), and where ours is counted. What has no meaning here, most of it an
// ensemble's, is counted nowhere and stays 0 as it does there. Gauges, and counters that live elsewhere, are in
// gauges.h.
#pragma once

#include <span>
#include <string_view>

#include "server/metrics.h"

namespace quoll::admin {

template <typename Measure>
struct Metric {
  std::string_view name;
  Measure server::Metrics::* counted = nullptr;  // nullptr: nowhere
};

std::span<const Metric<server::Counter>> counters();
std::span<const Metric<server::Summary>> summaries();
std::span<const Metric<server::AdvancedSummary>> advanced_summaries();
std::span<const Metric<server::ByNamespace<server::Counter>>> counter_sets();
std::span<const Metric<server::ByNamespace<server::Summary>>> summary_sets();

}  // namespace quoll::admin
