// Metrics whose values are read when `mntr` is asked (org.apache.zookeeper.server.ZooKeeperServer.registerMetrics).
#pragma once

#include "admin/metric_sink.h"
#include "admin/words.h"

namespace quoll::admin {

// Every metric: gauges, then those that are counted, in the order of metric_names.h. Within one kind Apache prints them
// in hash table order.
void add_metrics(const Question& question, MetricSink& metrics);

// The same between the version and what is Quoll's own, as mntr and monitor print them.
void add_monitor(const Question& question, MetricSink& metrics);

void add_gauges(const Question& question, MetricSink& metrics);
// Counters that are not in server::Metrics.
void add_other_counters(const Question& question, MetricSink& metrics);
// Quota limits and usage, summed by top-level znode (org.apache.zookeeper.server.util.QuotaMetricsUtils).
void add_quota_gauges(const tree::Tree& tree, MetricSink& metrics);

}  // namespace quoll::admin
