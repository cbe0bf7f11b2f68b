#include "admin/prometheus.h"

#include <gtest/gtest.h>

#include "admin/test_support.h"

namespace quoll::admin {
namespace {

TEST(Prometheus, metrics_are_printed_as_by_its_client_for_java) {
  PrometheusText page;
  server::Summary few;
  for (const int value : {5, 1, 9}) few.add(value);
  page.summary("s", few);
  page.gauge("g", std::int64_t{3});
  page.begin_set("set", SetKind::counter);
  page.counter_of("set", "a\"\\\n", 2);
  EXPECT_EQ(page.take(),
            "# HELP s s\n# TYPE s summary\ns{quantile=\"0.5\",} 5.0\ns_count 3.0\ns_sum 15.0\n"
            "# HELP g g\n# TYPE g gauge\ng 3.0\n# HELP set set\n# TYPE set counter\nset{key=\"a\\\"\\\\\\n\",} 2.0\n");
  page.summary("none", server::AdvancedSummary());
  EXPECT_EQ(page.take(),
            "# HELP none none\n# TYPE none summary\nnone{quantile=\"0.5\",} NaN\nnone{quantile=\"0.9\",} NaN\n"
            "none{quantile=\"0.99\",} NaN\nnone_count 0.0\nnone_sum 0.0\n");
}

TEST(Prometheus, a_plain_summary_knows_the_median_of_its_last_values) {
  server::Summary summary;
  for (int value = 0; value < 100; ++value) summary.add(value);
  PrometheusText page;
  page.summary("s", summary);
  EXPECT_NE(page.take().find("s{quantile=\"0.5\",} 96.0\n"), std::string::npos);
}

TEST(Prometheus, a_histogram_has_buckets_in_seconds) {
  server::Histogram histogram;
  histogram.add_us(2'000);
  histogram.add_us(20'000'000);
  PrometheusText page;
  page.histogram("h", "kind=\"read\"", histogram);
  const std::string text = page.take();
  EXPECT_NE(text.find("h_bucket{kind=\"read\",le=\"0.0001\"} 0.0\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{kind=\"read\",le=\"0.001\"} 0.0\nh_bucket{kind=\"read\",le=\"0.0025\"} 1.0\n"),
            std::string::npos);
  EXPECT_TRUE(
      text.ends_with("h_bucket{kind=\"read\",le=\"10\"} 1.0\nh_bucket{kind=\"read\",le=\"+Inf\"} 2.0\n"
                     "h_sum{kind=\"read\"} 20.002\nh_count{kind=\"read\"} 2.0\n"));
}

TEST(Prometheus, requests_and_flushes_are_measured) {
  WordWorld s;
  s.serve();
  s.connected().create("/a", "d");
  const std::string page = prometheus_page({*s.server, s.facts, {}}, ProcessMetrics::hidden);
  for (const char* name :
       {"quoll_request_seconds_count{kind=\"write\"}", "quoll_commit_seconds_count", "quoll_log_flush_seconds_count"}) {
    const std::size_t at = page.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::stod(page.substr(page.find(' ', at))), 0) << name;
  }
}

TEST(Prometheus, the_page_has_every_metric_once_and_only_metrics_is_served) {
  WordWorld s;
  s.serve();
  s.connected().create("/space/\"x", "d");
  MetricsPage handler(*s.server, s.facts, ProcessMetrics::shown);
  const http::Answer answer = handler.answer({.method = http::Request::Method::get, .path = "/metrics"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "text/plain; version=0.0.4; charset=utf-8");
  std::set<std::string> seen;
  for (std::size_t at = answer.text.find("# TYPE "); at != std::string::npos; at = answer.text.find("# TYPE ", at + 1))
    EXPECT_TRUE(seen.insert(answer.text.substr(at + 7, answer.text.find(' ', at + 7) - at - 7)).second);
  EXPECT_GT(seen.size(), 150U);
  EXPECT_NE(answer.text.find("\nquoll_serving 1.0\n"), std::string::npos);
  EXPECT_EQ(handler.answer({.method = http::Request::Method::get, .path = "/"}).status, 404);
  EXPECT_EQ(handler.answer({.method = http::Request::Method::post, .path = "/metrics"}).status, 405);
  EXPECT_EQ(handler.answer({.method = http::Request::Method::trace, .path = "/metrics"}).status, 403);
}

}  // namespace
}  // namespace quoll::admin
