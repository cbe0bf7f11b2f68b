// The lines of `mntr`: "zk_<name>\t<value>\n".
#pragma once

#include <string>
#include <utility>

#include "admin/metric_sink.h"

namespace quoll::admin {

class MetricLines : public FlatMetricSink {
 public:
  void flat(std::string_view name, std::string_view value) override;
  void flat(std::string_view name, std::int64_t value) override;
  void flat(std::string_view name, double value) override;

  [[nodiscard]] std::string take() { return std::exchange(out_, {}); }

 private:
  std::string out_;
};

}  // namespace quoll::admin
