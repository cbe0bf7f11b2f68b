// Takes every metric with its kind, whatever form it is printed in: lines of `mntr`, JSON, Prometheus' text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/metrics.h"

namespace quoll::admin {

enum class SetKind { gauge, counter, summary };

class MetricSink {
 public:
  virtual ~MetricSink() = default;
  virtual void text(std::string_view name, std::string_view value) = 0;
  virtual void gauge(std::string_view name, std::int64_t value) = 0;
  virtual void gauge(std::string_view name, double value) = 0;
  void gauge(std::string_view name, int value) { gauge(name, std::int64_t{value}); }
  virtual void counter(std::string_view name, std::int64_t value) = 0;
  virtual void summary(std::string_view name, const server::Summary& summary) = 0;
  virtual void summary(std::string_view name, const server::AdvancedSummary& summary) = 0;
  // A set, such as one for each namespace, and then its members, if it has any.
  virtual void begin_set(std::string_view set, SetKind kind) = 0;
  virtual void gauge_of(std::string_view set, std::string_view key, std::int64_t value) = 0;
  virtual void counter_of(std::string_view set, std::string_view key, std::int64_t value) = 0;
  virtual void summary_of(std::string_view set, std::string_view key, const server::Summary& summary) = 0;
};

// Turns each metric into names with one value, as Apache's `mntr` and `monitor` do: a summary becomes avg_, min_, max_,
// cnt_ and sum_<name>, an advanced one also p50_, p95_, p99_ and p999_<name>; one of a set is <key>_<name>.
class FlatMetricSink : public MetricSink {
 public:
  virtual void flat(std::string_view name, std::string_view value) = 0;
  virtual void flat(std::string_view name, std::int64_t value) = 0;
  // A number that has a fraction even if it is whole, as Java prints it.
  virtual void flat(std::string_view name, double value) = 0;

  void text(std::string_view name, std::string_view value) override { flat(name, value); }
  void gauge(std::string_view name, std::int64_t value) override { flat(name, value); }
  void gauge(std::string_view name, double value) override { flat(name, value); }
  void counter(std::string_view name, std::int64_t value) override { flat(name, value); }
  void summary(std::string_view name, const server::Summary& summary) override;
  void summary(std::string_view name, const server::AdvancedSummary& summary) override;
  void begin_set(std::string_view, SetKind) override {}
  void gauge_of(std::string_view set, std::string_view key, std::int64_t value) override;
  void counter_of(std::string_view set, std::string_view key, std::int64_t value) override;
  void summary_of(std::string_view set, std::string_view key, const server::Summary& summary) override;
};

// The value at the given fraction (0 to 1) of the sorted samples, interpolated linearly between neighbours and rounded;
// 0 if there are no samples.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double part);

}  // namespace quoll::admin
