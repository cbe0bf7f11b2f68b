// The metrics as Prometheus' text (format 0.0.4): Apache's names and types as its PrometheusMetricsProvider prints
// them, and Quoll's own, which begin with quoll_.
#pragma once

#include <string>

#include "admin/metric_sink.h"
#include "admin/words.h"
#include "http/message.h"
#include "server/timings.h"

namespace quoll::admin {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

class PrometheusText : public MetricSink {
 public:
  void text(std::string_view, std::string_view) override {}  // numbers only
  void gauge(std::string_view name, std::int64_t value) override;
  void gauge(std::string_view name, double value) override;
  void counter(std::string_view name, std::int64_t value) override;
  void summary(std::string_view name, const server::Summary& summary) override;
  void summary(std::string_view name, const server::AdvancedSummary& summary) override;
  void begin_set(std::string_view set, SetKind kind) override;
  void gauge_of(std::string_view set, std::string_view key, std::int64_t value) override;
  void counter_of(std::string_view set, std::string_view key, std::int64_t value) override;
  void summary_of(std::string_view set, std::string_view key, const server::Summary& summary) override;

  // A metric of Quoll's own, with a sentence for people.
  void begin(std::string_view name, std::string_view help, std::string_view type);
  void sample(std::string_view name, std::string_view labels, double value);  // labels: "a=\"b\"", or empty

  // As a histogram of seconds. `labels` as for a sample.
  void histogram(std::string_view name, std::string_view labels, const server::Histogram& histogram);

  [[nodiscard]] std::string take() { return std::exchange(out_, {}); }

 private:
  std::string out_;
};

// The text in the quotes of a label.
std::string prometheus_escaped(std::string_view value);

enum class ProcessMetrics { shown, hidden };  // metricsProvider.exportJvmInfo
std::string prometheus_page(const Question& question, ProcessMetrics process);

// The port of the metrics provider: /metrics and nothing else.
class MetricsPage : public http::Handler {
 public:
  // `server` and `facts` must outlive it.
  MetricsPage(const server::Server& server, const Facts& facts, ProcessMetrics process)
      : server_(server), facts_(facts), process_(process) {}
  http::Answer answer(const http::Request& request) override;

 private:
  const server::Server& server_;
  const Facts& facts_;
  const ProcessMetrics process_;
};

// The answer to GET /metrics; 403 and 405 for other methods.
http::Answer answer_metrics(const Question& question, const http::Request& request, ProcessMetrics process);

}  // namespace quoll::admin
