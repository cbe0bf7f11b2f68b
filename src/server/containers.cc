#include "server/containers.h"

#include <algorithm>

namespace quoll::server {

namespace {

bool is_due(const Core& core, const StatPersisted& stat, std::int64_t child_count) {
  if (child_count > 0) return false;
  const tree::Tree& tree = core.state.tree;
  const std::int64_t age_ms = core.env.clock.wall_ms() - stat.mtime;
  switch (tree.kind_of(stat.ephemeral_owner)) {
    case OwnerKind::container: {
      // One that never had a child may still be waited for, unless that takes too long.
      const std::int64_t never_used_ms = core.options.containers.never_used_ms;
      return stat.cversion > 0 || (never_used_ms > 0 && age_ms > never_used_ms);
    }
    case OwnerKind::ttl: {
      const std::int64_t ttl = ttl_ms(stat.ephemeral_owner, tree.owner_rules());
      return ttl != 0 && age_ms > ttl;
    }
    default:
      return false;
  }
}

}  // namespace

void Containers::start() {
  timer_ = core_.env.timers.after(core_.options.containers.check_interval_ms, [this] { check(); });
}

std::vector<std::string> Containers::candidates() const {
  const tree::Tree& tree = core_.state.tree;
  std::vector<std::string> paths;
  for (const auto* const some : {&tree.containers(), &tree.ttls()}) {
    for (const tree::NodeId id : *some) {
      if (is_due(core_, tree.node(id).stat, tree.node(id).child_count)) paths.push_back(tree.path_of(id));
    }
  }
  std::sort(paths.rbegin(), paths.rend());
  return paths;
}

void Containers::check() {
  due_ = core_.writes_are_off ? std::vector<std::string>() : candidates();
  delete_next();
}

void Containers::delete_next() {
  const ContainerOptions& options = core_.options.containers;
  // It was chosen some time ago: since then it may have been used, written to, or made anew (docs/deviations.md).
  const auto is_still_due = [&](const std::string& path) {
    const auto node = core_.preparer.outstanding().get(path);
    return node && is_due(core_, node->stat, node->child_count);
  };
  while (!due_.empty() && !is_still_due(due_.back())) due_.pop_back();
  if (due_.empty() || core_.writes_are_off) return start();
  const std::string path = std::move(due_.back());
  due_.pop_back();
  requests_.delete_container(path);
  const std::int64_t pause_ms = options.per_minute_max > 0 ? 60000 / options.per_minute_max : 0;
  timer_ = core_.env.timers.after(pause_ms, [this] { delete_next(); });
}

}  // namespace quoll::server
