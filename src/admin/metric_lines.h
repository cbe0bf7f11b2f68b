// The lines of `mntr`: "zk_<name>\t<value>\n".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/metrics.h"

namespace quoll::admin {

class MetricLines {
 public:
  void add(std::string_view name, std::int64_t value);
  void add(std::string_view name, std::string_view value);
  // Always prints a fraction, as Java does for doubles.
  void add_double(std::string_view name, double value);
  // Adds avg_, min_, max_, cnt_ and sum_<name>.
  void add(std::string_view name, const server::Summary& summary);
  // Adds these and p50_, p95_, p99_ and p999_<name>.
  void add(std::string_view name, const server::AdvancedSummary& summary);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// The value at the given fraction (0 to 1) of the sorted samples, interpolated linearly between neighbours and rounded;
// 0 if there are no samples.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double part);

}  // namespace quoll::admin
