#include <map>

#include "admin/gauges.h"
#include "types/path.h"

namespace quoll::admin {

namespace {

struct Sums {
  std::int64_t count_limit = 0;
  std::int64_t bytes_limit = 0;
  std::int64_t count_used = 0;
  std::int64_t bytes_used = 0;
};

std::optional<tree::StatsTrack> track_at(const tree::Tree& tree, const std::string& path) {
  const tree::NodeId id = tree.find(path);
  return id == tree::kNoNode ? std::nullopt : tree::StatsTrack::parse(tree.node(id).data().view());
}

// A hard limit goes before a soft one.
std::int64_t limit_of(std::int64_t hard, std::int64_t soft) {
  return hard > -1 ? hard : soft;
}

}  // namespace

void add_quota_gauges(const tree::Tree& tree, MetricLines& lines) {
  std::map<std::string, Sums, std::less<>> by_namespace;
  for (const std::string& path : tree.quotas().all()) {
    Sums& sums = by_namespace[std::string(path::top_namespace(path))];
    if (const auto limit = track_at(tree, tree::limit_path(path))) {
      sums.count_limit += limit_of(limit->count_hard_limit(), limit->count());
      sums.bytes_limit += limit_of(limit->byte_hard_limit(), limit->bytes());
    }
    if (const auto used = track_at(tree, tree::stat_path(path))) {
      sums.count_used += used->count();
      sums.bytes_used += used->bytes();
    }
  }
  const auto add = [&](std::string_view name, std::int64_t Sums::* which) {
    for (const auto& [space, sums] : by_namespace) lines.add(fmt::format("{}_{}", space, name), sums.*which);
  };
  add("quota_count_limit_per_namespace", &Sums::count_limit);
  add("quota_bytes_limit_per_namespace", &Sums::bytes_limit);
  add("quota_count_usage_per_namespace", &Sums::count_used);
  add("quota_bytes_usage_per_namespace", &Sums::bytes_used);
}

}  // namespace quoll::admin
