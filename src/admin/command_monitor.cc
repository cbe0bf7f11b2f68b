// monitor: every metric that mntr prints.
#include "admin/command.h"
#include "admin/gauges.h"

namespace quoll::admin {

namespace {

class JsonMetrics : public FlatMetricSink {
 public:
  explicit JsonMetrics(JsonText& json) : json_(json) {}
  void flat(std::string_view name, std::string_view value) override { json_.field(name, value); }
  void flat(std::string_view name, std::int64_t value) override { json_.field(name, value); }
  void flat(std::string_view name, double value) override { json_.field(name, value); }

 private:
  JsonText& json_;
};

}  // namespace

void command_monitor(const CommandQuestion& question, JsonText& json) {
  JsonMetrics metrics(json);
  add_monitor(question.about, metrics);
}

}  // namespace quoll::admin
