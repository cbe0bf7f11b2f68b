// Every metric of Apache's standalone server, in the order in which it creates them
// (org.apache.zookeeper.server.ServerMetrics), and the member of server::Metrics that counts it. Metrics without a
// meaning here, mostly those of ensembles, are not counted and stay 0, as they do there. Gauges, and counters kept
// elsewhere, are in gauges.h.
#pragma once

#include <span>
#include <string_view>

#include "server/metrics.h"

namespace quoll::admin {

template <typename Measure>
struct Metric {
  std::string_view name;
  Measure server::Metrics::* counted = nullptr;  // nullptr: not counted
};

std::span<const Metric<server::Counter>> counters();
std::span<const Metric<server::Summary>> summaries();
std::span<const Metric<server::AdvancedSummary>> advanced_summaries();
std::span<const Metric<server::ByNamespace<server::Counter>>> counter_sets();
std::span<const Metric<server::ByNamespace<server::Summary>>> summary_sets();

}  // namespace quoll::admin
