#include "admin/metric_lines.h"

#include <gtest/gtest.h>

namespace quoll::admin {
namespace {

TEST(MetricLines, an_unused_summary_prints_zeros) {
  MetricLines lines;
  lines.summary("x", server::Summary());
  EXPECT_EQ(lines.take(), "zk_avg_x\t0.0\nzk_min_x\t0\nzk_max_x\t0\nzk_cnt_x\t0\nzk_sum_x\t0\n");
}

TEST(MetricLines, an_advanced_summary_adds_percentiles) {
  server::AdvancedSummary summary;
  for (int value = 1; value <= 4; ++value) summary.add(value);
  MetricLines lines;
  lines.summary("x", summary);
  EXPECT_EQ(lines.take(),
            "zk_avg_x\t2.5\nzk_min_x\t1\nzk_max_x\t4\nzk_cnt_x\t4\nzk_sum_x\t10\nzk_p50_x\t3\nzk_p95_x\t4\nzk_p99_"
            "x\t4\nzk_p999_x\t4\n");
}

TEST(MetricLines, percentiles_are_interpolated_linearly) {
  EXPECT_EQ(percentile({}, 0.5), 0);
  EXPECT_EQ(percentile({7}, 0.001), 7);
  EXPECT_EQ(percentile({0, 100}, 0.5), 50);
  EXPECT_EQ(percentile({10, 20, 30}, 0.5), 20);
  EXPECT_EQ(percentile({10, 20, 30}, 0.999), 30);
}

TEST(Metrics, a_summary_keeps_a_bounded_uniform_sample) {
  server::AdvancedSummary summary;
  for (int value = 0; value < 100'000; ++value) summary.add(value);
  EXPECT_EQ(summary.summary().count(), 100'000);
  ASSERT_EQ(summary.samples().size(), server::AdvancedSummary::kSamplesMax);
  std::int64_t upper_half = 0;
  for (const std::int64_t value : summary.samples()) upper_half += value >= 50'000 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(upper_half), 2048, 200) << "late values are sampled as often as early ones";
}

TEST(Metrics, the_number_of_namespaces_is_limited_and_a_reset_keeps_them_with_zeros) {
  server::Metrics metrics;
  using Spaces = server::ByNamespace<server::Summary>;
  for (std::size_t i = 0; i < Spaces::kNamespacesMax; ++i) metrics.written_bytes.find(fmt::format("n{}", i))->add(1);
  EXPECT_EQ(metrics.written_bytes.find("one too many"), nullptr);
  EXPECT_EQ(metrics.written_bytes.find("n7")->count(), 1);
  metrics.read_latency_ms.add(5);
  metrics.reset();
  EXPECT_EQ(metrics.written_bytes.find("n7")->count(), 0);
  EXPECT_EQ(metrics.written_bytes.find("one too many"), nullptr)
      << "the reset keeps the names, so the limit is still reached";
  EXPECT_EQ(metrics.read_latency_ms.summary().count(), 0);
  EXPECT_TRUE(metrics.read_latency_ms.samples().empty());
}

}  // namespace
}  // namespace quoll::admin
