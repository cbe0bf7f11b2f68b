#include "machine/outstanding.h"

#include <algorithm>

#include "base/check.h"
#include "tree/digest.h"
#include "types/path.h"

namespace quoll::machine {

std::optional<PendingNode> Outstanding::get(std::string_view path) const {
  if (path == "/") path = {};
  if (!pending_.empty()) {
    const auto at = pending_.find(path);
    if (at != pending_.end()) return at->second.exists ? std::optional(at->second) : std::nullopt;
  }
  const tree::NodeId id = tree_.find(path);
  if (id == tree::kNoNode) return std::nullopt;
  const tree::Node& node = tree_.node(id);
  if (is_deleted_by_pending_close(node)) return std::nullopt;
  return PendingNode{
      .stat = node.stat, .child_count = node.child_count, .data_bytes = node.data_bytes(), .digest = node.digest};
}

bool Outstanding::exists(std::string_view path) const {
  if (!pending_.empty()) {
    const auto at = pending_.find(path);
    if (at != pending_.end()) return at->second.exists;
  }
  const tree::NodeId id = tree_.find(path);
  return id != tree::kNoNode && !is_deleted_by_pending_close(tree_.node(id));
}

const auth::AccessList& Outstanding::acl_of(std::string_view path, const PendingNode& node) const {
  return node.acl ? *node.acl : tree_.acl_of(tree_.find(path));
}

void Outstanding::record(std::string_view path, PendingNode node, std::int64_t zxid, std::uint32_t digest_before) {
  digest_ = static_cast<std::uint64_t>(tree_digest()) - digest_before + node.digest;
  node.zxid = zxid;
  changes_.push_back(Change{zxid, std::string(path)});
  auto at = pending_.find(path);
  if (undo_) undo_->before.push_back(at == pending_.end() ? std::nullopt : std::optional(at->second));
  if (at == pending_.end()) {
    pending_.emplace(std::string(path), std::move(node));
  } else {
    at->second = std::move(node);
  }
}

void Outstanding::put(std::string_view path, PendingNode node, const StatPersisted& stat, std::int64_t zxid) {
  if (path == "/") path = {};
  const std::uint32_t before = node.digest;
  if (tree_.digests() == tree::Digests::on) node.digest = tree::digest_with_numbers(path, before, node.stat, stat);
  node.exists = true;
  node.stat = stat;
  record(path, std::move(node), zxid, before);
}

void Outstanding::put_data(std::string_view path, PendingNode node, base::NullableView data, std::int64_t zxid) {
  if (path == "/") path = {};
  const std::uint32_t before = node.digest;
  if (tree_.digests() == tree::Digests::on) node.digest = tree::node_digest(path, data, node.stat);
  node.exists = true;
  node.data_bytes = static_cast<std::int64_t>(data.size());
  record(path, std::move(node), zxid, before);
}

void Outstanding::put_removed(std::string_view path, std::int64_t zxid) {
  const auto node = get(path);
  QUOLL_CHECK(node.has_value(), "only an existing node is removed");
  record(path, PendingNode{.exists = false}, zxid, node->digest);
}

Outstanding::Owned Outstanding::owned_by(std::int64_t session) const {
  Owned owned;
  if (!ending_.contains(session)) owned.settled = tree_.sorted_ephemerals_of(session);
  // There are few pending changes. The last change of a path decides whether the session owns it.
  std::vector<tree::NodeId> unsettled;
  for (const Change& change : changes_) {
    const auto at = pending_.find(change.path);
    if (at == pending_.end()) continue;
    if (at->second.exists && at->second.stat.ephemeral_owner == session) owned.changed.insert(change.path);
    if (!owned.settled.empty()) unsettled.push_back(tree_.find(change.path));
  }
  std::sort(unsettled.begin(), unsettled.end());
  std::erase_if(owned.settled, [&](tree::NodeId id) { return std::ranges::binary_search(unsettled, id); });
  return owned;
}

void Outstanding::put_children_removed(std::string_view parent_path, std::int64_t count, std::int64_t zxid) {
  auto parent = get(parent_path);
  if (!parent) return;
  parent->child_count -= count;
  StatPersisted stat = parent->stat;
  stat.pzxid = zxid;
  put(parent_path, std::move(*parent), stat, zxid);
}

void Outstanding::put_close_session(std::int64_t session, const Owned& owned, std::int64_t zxid) {
  for (const std::string& path : owned.changed) {
    put_removed(path, zxid);
    put_children_removed(path::parent(path), 1, zxid);
  }
  if (owned.settled.empty()) return;
  std::uint64_t digests = 0;
  std::vector<tree::NodeId> parents;
  parents.reserve(owned.settled.size());
  for (const tree::NodeId id : owned.settled) {
    const tree::Node& node = tree_.node(id);
    digests += node.digest;
    parents.push_back(node.parent);
  }
  std::sort(parents.begin(), parents.end());
  digest_ = static_cast<std::uint64_t>(tree_digest()) - digests;
  ends_.push_back(End{zxid, session});
  ending_.insert(session);
  for (auto at = parents.begin(); at != parents.end();) {
    const auto next = std::upper_bound(at, parents.end(), *at);
    put_children_removed(tree_.path_of(*at), next - at, zxid);
    at = next;
  }
}

void Outstanding::applied(std::int64_t zxid) {
  for (; !ends_.empty() && ends_.front().zxid <= zxid; ends_.pop_front()) ending_.erase(ends_.front().session);
  while (!changes_.empty() && changes_.front().zxid <= zxid) {
    const auto at = pending_.find(changes_.front().path);
    if (at != pending_.end() && at->second.zxid <= zxid) pending_.erase(at);
    changes_.pop_front();
  }
}

void Outstanding::clear() {
  pending_.clear();
  changes_.clear();
  ends_.clear();
  ending_.clear();
  digest_ = 0;
  undo_.reset();
}

void Outstanding::mark() {
  undo_ = Undo{changes_.size(), static_cast<std::uint64_t>(tree_digest()), {}};
}

void Outstanding::roll_back() {
  QUOLL_CHECK(undo_.has_value(), "roll_back() is called after mark()");
  QUOLL_CHECK(changes_.size() == undo_->changes + undo_->before.size(), "every change since the mark can be undone");
  for (; !undo_->before.empty(); undo_->before.pop_back(), changes_.pop_back()) {
    const auto at = pending_.find(changes_.back().path);
    auto& before = undo_->before.back();
    if (before) {
      at->second = std::move(*before);
    } else {
      pending_.erase(at);
    }
  }
  digest_ = undo_->digest;
  undo_.reset();
}

}  // namespace quoll::machine
