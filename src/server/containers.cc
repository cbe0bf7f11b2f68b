#include "server/containers.h"

#include <algorithm>

namespace quoll::server {

void Containers::start() {
  timer_ = core_.env.timers.after(core_.options.containers.check_interval_ms, [this] { check(); });
}

std::vector<std::string> Containers::candidates() const {
  const tree::Tree& tree = core_.state.tree;
  const std::int64_t now_ms = core_.env.clock.wall_ms();
  const std::int64_t never_used_ms = core_.options.containers.never_used_ms;
  std::vector<std::string> paths;
  for (const tree::NodeId id : tree.containers()) {
    const tree::Node& node = tree.node(id);
    // One that never had a child may still be waited for, unless that takes too long.
    const bool used = node.stat.cversion > 0 || (never_used_ms > 0 && now_ms - node.stat.mtime > never_used_ms);
    if (node.child_count == 0 && used) paths.push_back(tree.path_of(id));
  }
  for (const tree::NodeId id : tree.ttls()) {
    const tree::Node& node = tree.node(id);
    const std::int64_t ttl = ttl_ms(node.stat.ephemeral_owner, tree.owner_rules());
    if (node.child_count == 0 && ttl != 0 && now_ms - node.stat.mtime > ttl) paths.push_back(tree.path_of(id));
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
  if (due_.empty() || core_.writes_are_off) return start();
  const std::string path = std::move(due_.back());
  due_.pop_back();
  requests_.delete_container(path);
  const std::int64_t pause_ms = options.per_minute_max > 0 ? 60000 / options.per_minute_max : 0;
  timer_ = core_.env.timers.after(pause_ms, [this] { delete_next(); });
}

}  // namespace quoll::server
