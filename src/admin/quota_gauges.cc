#include <map>
#include <optional>
#include <vector>

#include "admin/gauges.h"
#include "types/path.h"

namespace quoll::admin {

namespace {

// A sum without any contributing znode is not printed.
struct Sums {
  std::optional<std::int64_t> count_limit;
  std::optional<std::int64_t> bytes_limit;
  std::optional<std::int64_t> count_used;
  std::optional<std::int64_t> bytes_used;
};
constexpr std::int64_t kQuotaNodesMax = 20'000;
constexpr std::size_t kNamespacesMax = 1000;
constexpr std::size_t kNameBytesMax = 256;

using ByNamespace = std::map<std::string, Sums, std::less<>>;

void add_to(std::optional<std::int64_t>& sum, std::int64_t value) {
  sum = sum.value_or(0) + value;
}

// The hard limit is used if it is set, otherwise the soft one.
std::int64_t limit_of(std::int64_t hard, std::int64_t soft) {
  return hard > -1 ? hard : soft;
}

void add_leaf(const std::string& path, const tree::Node& node, ByNamespace& sums) {
  const std::string_view name = path::name(path);
  const std::string_view space = path::top_namespace(*tree::quota_path_of(path));
  if ((name != path::kLimitNode && name != path::kStatNode) || space.empty() || node.data().is_null()) return;
  const auto track = tree::StatsTrack::parse(node.data().view());
  if (!track) return;
  // As many as the server's own metrics per namespace.
  const bool is_new = !sums.contains(space);
  if (is_new && (sums.size() >= kNamespacesMax || space.size() > kNameBytesMax)) return;
  Sums& sum = sums[std::string(space)];
  if (name == path::kLimitNode) {
    add_to(sum.count_limit, limit_of(track->count_hard_limit(), track->count()));
    add_to(sum.bytes_limit, limit_of(track->byte_hard_limit(), track->bytes()));
  } else {
    add_to(sum.count_used, track->count());
    add_to(sum.bytes_used, track->bytes());
  }
}

// Statistics are summed even for paths without limits.
ByNamespace sums_of(const tree::Tree& tree) {
  ByNamespace sums;
  const tree::NodeId root = tree.find(path::kQuota);
  // Any client may make quotas; a sum over very many would keep others waiting.
  if (root == tree::kNoNode || tree.descendants(root) > kQuotaNodesMax) return sums;
  std::vector<std::pair<std::string, tree::NodeId>> todo{{std::string(path::kQuota), root}};
  while (!todo.empty()) {
    const auto [path, id] = std::move(todo.back());
    todo.pop_back();
    if (tree.node(id).child_count == 0) add_leaf(path, tree.node(id), sums);
    tree.for_each_child(id, [&](tree::NodeId child, const tree::Node& node) {
      todo.emplace_back(fmt::format("{}/{}", path, node.name()), child);
    });
  }
  return sums;
}

}  // namespace

void add_quota_gauges(const tree::Tree& tree, MetricSink& metrics) {
  const ByNamespace by_namespace = sums_of(tree);
  const auto add = [&](std::string_view name, std::optional<std::int64_t> Sums::* which) {
    metrics.begin_set(name, SetKind::gauge);
    for (const auto& [space, sums] : by_namespace)
      if (sums.*which) metrics.gauge_of(name, space, *(sums.*which));
  };
  add("quota_count_limit_per_namespace", &Sums::count_limit);
  add("quota_bytes_limit_per_namespace", &Sums::bytes_limit);
  add("quota_count_usage_per_namespace", &Sums::count_used);
  add("quota_bytes_usage_per_namespace", &Sums::bytes_used);
}

}  // namespace quoll::admin
