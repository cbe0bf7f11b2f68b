#include "server/containers.h"

#include <algorithm>
#include <functional>

namespace quoll::server {

namespace {

bool is_due(const Core& core, const StatPersisted& stat, std::int64_t child_count) {
  if (child_count > 0) return false;
  const tree::Tree& tree = core.state.tree;
  const std::int64_t age_ms = core.env.clock.wall_ms() - stat.mtime;
  switch (tree.kind_of(stat.ephemeral_owner)) {
    case OwnerKind::container: {
      // A container that never had children may still be waited for, up to the configured time.
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

void Containers::check() {
  candidates_.clear();
  const tree::Tree& tree = core_.state.tree;
  for (const auto* const some : {&tree.containers(), &tree.ttls()})
    candidates_.insert(candidates_.end(), some->begin(), some->end());
  std::ranges::sort(candidates_, std::greater<>());
  delete_next();
}

std::optional<std::string> Containers::due_path(tree::NodeId id) const {
  const tree::Tree& tree = core_.state.tree;
  if (!tree.containers().contains(id) && !tree.ttls().contains(id)) return std::nullopt;
  if (!is_due(core_, tree.node(id).stat, tree.node(id).child_count)) return std::nullopt;
  std::string path = tree.path_of(id);
  // A transaction that is not applied yet may have used it, written to it, or made it anew (docs/deviations.md).
  const auto node = core_.preparer.outstanding().get(path);
  if (!node || !is_due(core_, node->stat, node->child_count)) return std::nullopt;
  return path;
}

void Containers::delete_next() {
  const ContainerOptions& options = core_.options.containers;
  const std::int64_t began_us = core_.env.clock.elapsed_us();
  std::optional<std::string> path;
  while (!path && !candidates_.empty() && !core_.writes_are_off) {
    path = due_path(candidates_.back());
    candidates_.pop_back();
    if (!path && core_.env.clock.elapsed_us() - began_us >= core_.options.limits.turn_us) {
      timer_ = core_.env.timers.after(0, [this] { delete_next(); });
      return;
    }
  }
  if (!path) return start();
  requests_.delete_container(*path);
  const std::int64_t pause_ms = options.per_minute_max > 0 ? 60000 / options.per_minute_max : 0;
  timer_ = core_.env.timers.after(pause_ms, [this] { delete_next(); });
}

}  // namespace quoll::server
