// Metrics that are looked up when they are asked for (org.apache.zookeeper.server.ZooKeeperServer.registerMetrics).
#pragma once

#include "admin/metric_lines.h"
#include "admin/words.h"

namespace quoll::admin {

void add_gauges(const Question& question, MetricLines& lines);
// Counters that are not among the server's metrics.
void add_other_counters(const Question& question, MetricLines& lines);
// Limits and usage of quotas, summed up over each top-level znode (org.apache.zookeeper.server.util.QuotaMetricsUtils).
void add_quota_gauges(const tree::Tree& tree, MetricLines& lines);

}  // namespace quoll::admin
