#include "admin/prometheus.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

#include "admin/ensemble_status.h"
#include "admin/gauges.h"
#include "admin/java_text.h"

namespace quoll::admin {

namespace {

// As Prometheus' client for Java prints numbers.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  return java_double(value);
}

std::string key_label(std::string_view key) {
  return fmt::format("key=\"{}\",", prometheus_escaped(key));
}

// What is known of a plain summary is the median of its last values.
double median_of(const server::Summary& summary) {
  const auto recent = summary.recent();
  if (recent.empty()) return std::nan("");
  std::vector<std::int64_t> sorted(recent.begin(), recent.end());
  std::ranges::sort(sorted);
  return static_cast<double>(sorted[sorted.size() / 2]);
}

void add_process(const Facts& facts, PrometheusText& page) {
  const auto one = [&](std::string_view name, std::string_view help, std::string_view type, double value) {
    page.begin(name, help, type);
    page.sample(name, "", value);
  };
  if (facts.cpu_seconds)
    one("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter",
        facts.cpu_seconds());
  if (facts.start_time_seconds)
    one("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge",
        facts.start_time_seconds());
  one("process_open_fds", "Number of open file descriptors.", "gauge", static_cast<double>(ask(facts.open_files)));
  one("process_max_fds", "Maximum number of open file descriptors.", "gauge",
      static_cast<double>(ask(facts.open_files_max)));
  one("process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge",
      static_cast<double>(ask(facts.virtual_memory_bytes)));
  one("process_resident_memory_bytes", "Resident memory size in bytes.", "gauge",
      static_cast<double>(ask(facts.memory_bytes)));
}

void add_learners(const server::Core& core, PrometheusText& page) {
  page.begin("quoll_learner_lag_transactions", "Transactions that a learner has not acknowledged, by its id.", "gauge");
  const zab::Leading* const leading = core.leading();
  if (leading == nullptr || !core.options.ensemble) return;
  const std::int64_t last = leading->next_zxid().value() - 1;
  for (const auto& learner : leading->learners()) {
    // Across epochs the difference of two zxids is no count.
    const bool is_same_epoch = learner.acknowledged.value() >> 32 == last >> 32;
    const std::int64_t behind = last - (is_same_epoch ? learner.acknowledged.value() : last & ~0xffffffffLL);
    page.sample("quoll_learner_lag_transactions", fmt::format("server=\"{}\"", learner.id.value()),
                static_cast<double>(std::max<std::int64_t>(behind, 0)));
  }
}

void add_timings(const server::Timings& timings, PrometheusText& page) {
  page.begin("quoll_request_seconds", "Time between a client's request and its answer.", "histogram");
  page.histogram("quoll_request_seconds", "kind=\"read\"", timings.read);
  page.histogram("quoll_request_seconds", "kind=\"write\"", timings.write);
  page.begin("quoll_commit_seconds", "Time between a leader's proposal and its commit.", "histogram");
  page.histogram("quoll_commit_seconds", "", timings.commit);
  page.begin("quoll_log_flush_seconds", "Time to write to the log and to sync it.", "histogram");
  page.histogram("quoll_log_flush_seconds", "", timings.log_flush);
  page.begin("quoll_loop_delay_seconds", "How late the event loop is for a timer.", "histogram");
  page.histogram("quoll_loop_delay_seconds", "", timings.loop_delay);
}

void add_own(const Question& question, PrometheusText& page) {
  const server::Core& core = question.server.core();
  const auto one = [&](std::string_view name, std::string_view help, std::string_view type, auto value) {
    page.begin(name, help, type);
    page.sample(name, "", static_cast<double>(value));
  };
  page.begin("quoll_info", "The version; the value is always 1.", "gauge");
  page.sample("quoll_info", fmt::format("version=\"{}\"", prometheus_escaped(question.facts.version)), 1);
  one("quoll_serving", "1 while clients are served.", "gauge", question.server.is_serving() ? 1 : 0);
  one("quoll_leading", "1 while this server leads its ensemble, or runs alone.", "gauge",
      core.leading() != nullptr ? 1 : 0);
  one("quoll_last_zxid", "The last transaction that was applied.", "gauge", core.zxid());
  one("quoll_bytes_in_flight", "Bytes of requests and output that clients have not completed or read.", "gauge",
      core.in_flight.measure());
  one("quoll_writes_off", "1 while writes are refused because the disk is full.", "gauge", core.writes_are_off ? 1 : 0);
  one("quoll_snapshots_off", "1 while no snapshots are taken because the disk is nearly full.", "gauge",
      core.snapshots_are_off ? 1 : 0);
  one("quoll_writes_refused_total", "Writes refused because the disk was full.", "counter",
      core.stats.metrics.writes_refused_disk_full);
  if (core.memory_used > 0) {
    one("quoll_memory_used_bytes", "Memory that the process uses, as quoll.memoryLimit counts it.", "gauge",
        core.memory_used);
    one("quoll_memory_limit_bytes", "quoll.memoryLimit: above it the data may not grow.", "gauge",
        core.options.memory.limit_bytes);
    one("quoll_growth_off", "1 while requests that make the data larger are refused because of quoll.memoryLimit.",
        "gauge", core.growth_is_off ? 1 : 0);
    one("quoll_growth_refused_total", "Requests refused because of quoll.memoryLimit.", "counter",
        core.stats.metrics.writes_refused_memory);
  }
  one("quoll_connections_given_up_total", "Connections closed because of quoll.bytesInFlightMax.", "counter",
      core.stats.metrics.connections_cut_off);
  if (core.disk_free) {
    page.begin("quoll_disk_free_bytes", "Free space of the disks, by what they hold.", "gauge");
    page.sample("quoll_disk_free_bytes", "holds=\"log\"", static_cast<double>(core.disk_free->log));
    page.sample("quoll_disk_free_bytes", "holds=\"snapshots\"", static_cast<double>(core.disk_free->snapshots));
  }
  add_learners(core, page);
  add_timings(core.stats.timings, page);
}

}  // namespace

std::string prometheus_escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void PrometheusText::begin(std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void PrometheusText::sample(std::string_view name, std::string_view labels, double value) {
  const auto to = std::back_inserter(out_);
  if (labels.empty()) {
    fmt::format_to(to, "{} {}\n", name, number(value));
  } else {
    fmt::format_to(to, "{}{{{}}} {}\n", name, labels, number(value));
  }
}

void PrometheusText::histogram(std::string_view name, std::string_view labels, const server::Histogram& histogram) {
  constexpr double kUsInSecond = 1e6;
  const std::string bucket = fmt::format("{}_bucket", name);
  const std::string_view comma = labels.empty() ? "" : ",";
  for (std::size_t i = 0; i < server::Histogram::kBoundsUs.size(); ++i) {
    const double bound = static_cast<double>(server::Histogram::kBoundsUs[i]) / kUsInSecond;
    sample(bucket, fmt::format("{}{}le=\"{}\"", labels, comma, bound), static_cast<double>(histogram.at_most(i)));
  }
  sample(bucket, fmt::format("{}{}le=\"+Inf\"", labels, comma), static_cast<double>(histogram.count()));
  sample(fmt::format("{}_sum", name), labels, static_cast<double>(histogram.sum_us()) / kUsInSecond);
  sample(fmt::format("{}_count", name), labels, static_cast<double>(histogram.count()));
}

void PrometheusText::gauge(std::string_view name, std::int64_t value) {
  gauge(name, static_cast<double>(value));
}

void PrometheusText::gauge(std::string_view name, double value) {
  begin(name, name, "gauge");
  sample(name, "", value);
}

void PrometheusText::counter(std::string_view name, std::int64_t value) {
  begin(name, name, "counter");
  sample(name, "", static_cast<double>(value));
}

void PrometheusText::summary(std::string_view name, const server::Summary& summary) {
  begin(name, name, "summary");
  sample(name, "quantile=\"0.5\",", median_of(summary));
  sample(fmt::format("{}_count", name), "", static_cast<double>(summary.count()));
  sample(fmt::format("{}_sum", name), "", static_cast<double>(summary.sum()));
}

void PrometheusText::summary(std::string_view name, const server::AdvancedSummary& summary) {
  begin(name, name, "summary");
  auto sorted = summary.samples();
  std::ranges::sort(sorted);
  for (const auto& [text, part] : {std::pair("0.5", 0.5), std::pair("0.9", 0.9), std::pair("0.99", 0.99)}) {
    sample(name, fmt::format("quantile=\"{}\",", text),
           sorted.empty() ? std::nan("") : static_cast<double>(percentile(sorted, part)));
  }
  sample(fmt::format("{}_count", name), "", static_cast<double>(summary.summary().count()));
  sample(fmt::format("{}_sum", name), "", static_cast<double>(summary.summary().sum()));
}

void PrometheusText::begin_set(std::string_view set, SetKind kind) {
  begin(set, set, kind == SetKind::gauge ? "gauge" : kind == SetKind::counter ? "counter" : "summary");
}

void PrometheusText::gauge_of(std::string_view set, std::string_view key, std::int64_t value) {
  sample(set, key_label(key), static_cast<double>(value));
}

void PrometheusText::counter_of(std::string_view set, std::string_view key, std::int64_t value) {
  sample(set, key_label(key), static_cast<double>(value));
}

void PrometheusText::summary_of(std::string_view set, std::string_view key, const server::Summary& summary) {
  sample(set, key_label(key) + "quantile=\"0.5\",", median_of(summary));
  sample(fmt::format("{}_count", set), key_label(key), static_cast<double>(summary.count()));
  sample(fmt::format("{}_sum", set), key_label(key), static_cast<double>(summary.sum()));
}

std::string prometheus_page(const Question& question, ProcessMetrics process) {
  PrometheusText page;
  add_metrics(question, page);
  if (process == ProcessMetrics::shown) add_process(question.facts, page);
  add_own(question, page);
  return page.take();
}

http::Answer answer_metrics(const Question& question, const http::Request& request, ProcessMetrics process) {
  using Method = http::Request::Method;
  if (request.method == Method::trace) return {.status = 403};
  if (request.method != Method::get && request.method != Method::head)
    return {.status = 405, .headers = {{"Allow", "GET, HEAD"}}};
  return {.type = std::string(kPrometheusType), .text = prometheus_page(question, process)};
}

http::Answer MetricsPage::answer(const http::Request& request) {
  if (request.path != "/metrics")
    return {.status = 404, .type = "text/plain", .text = "Nothing is here but /metrics.\n"};
  return answer_metrics({server_, facts_, request.peer}, request, process_);
}

}  // namespace quoll::admin
