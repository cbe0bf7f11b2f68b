#include "admin/metric_lines.h"

#include <fmt/format.h>
#include <iterator>

#include "admin/java_text.h"

namespace quoll::admin {

void MetricLines::flat(std::string_view name, std::int64_t value) {
  fmt::format_to(std::back_inserter(out_), "zk_{}\t{}\n", name, value);
}

void MetricLines::flat(std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out_), "zk_{}\t{}\n", name, value);
}

void MetricLines::flat(std::string_view name, double value) {
  flat(name, std::string_view(java_double(value)));
}

}  // namespace quoll::admin
