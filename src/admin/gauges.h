// Metrics whose values are read when `mntr` is asked (org.apache.zookeeper.server.ZooKeeperServer.registerMetrics).
#pragma once

#include "admin/metric_lines.h"
#include "admin/words.h"

namespace quoll::admin {

void add_gauges(const Question& question, MetricLines& lines);
// Counters that are not in server::Metrics.
void add_other_counters(const Question& question, MetricLines& lines);
// Quota limits and usage, summed by top-level znode (org.apache.zookeeper.server.util.QuotaMetricsUtils).
void add_quota_gauges(const tree::Tree& tree, MetricLines& lines);

}  // namespace quoll::admin
