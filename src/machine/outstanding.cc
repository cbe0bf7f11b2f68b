#include "machine/outstanding.h"

#include "base/check.h"
#include "base/planted.h"
#include "tree/digest.h"

namespace quoll::machine {

std::optional<PendingNode> Outstanding::get(std::string_view path) const {
  if (path == "/") path = {};
  if (!pending_.empty() && !base::planted(base::Bug::pending_writes_forgotten)) {
    const auto at = pending_.find(path);
    if (at != pending_.end()) return at->second.exists ? std::optional(at->second) : std::nullopt;
  }
  const tree::NodeId id = tree_.find(path);
  if (id == tree::kNoNode) return std::nullopt;
  const tree::Node& node = tree_.node(id);
  return PendingNode{.stat = node.stat, .child_count = node.child_count, .digest = node.digest};
}

bool Outstanding::exists(std::string_view path) const {
  if (!pending_.empty()) {
    const auto at = pending_.find(path);
    if (at != pending_.end()) return at->second.exists;
  }
  return tree_.find(path) != tree::kNoNode;
}

const AclList& Outstanding::acl_of(std::string_view path, const PendingNode& node) const {
  return node.acl ? *node.acl : tree_.acl_of(tree_.find(path));
}

base::NullableView Outstanding::data_of(std::string_view path, const PendingNode& node) const {
  if (!node.data) return tree_.node(tree_.find(path)).data();
  return *node.data ? base::NullableView(**node.data) : base::NullableView();
}

void Outstanding::record(std::string_view path, PendingNode node, std::int64_t zxid, std::uint32_t digest_before) {
  digest_ = static_cast<std::uint64_t>(tree_digest()) - digest_before + node.digest;
  node.zxid = zxid;
  changes_.push_back(Change{zxid, std::string(path)});
  auto at = pending_.find(path);
  if (undo_) {
    undo_->before.emplace_back(std::string(path), at == pending_.end() ? std::nullopt : std::optional(at->second));
  }
  if (at == pending_.end()) {
    pending_.emplace(std::string(path), std::move(node));
  } else {
    at->second = std::move(node);
  }
}

void Outstanding::put(std::string_view path, PendingNode node, std::int64_t zxid) {
  if (path == "/") path = {};
  const std::uint32_t before = node.digest;
  node.exists = true;
  if (tree_.digests() == tree::Digests::on) node.digest = tree::node_digest(path, data_of(path, node), node.stat);
  record(path, std::move(node), zxid, before);
}

void Outstanding::put_removed(std::string_view path, std::int64_t zxid) {
  const auto node = get(path);
  QUOLL_CHECK(node.has_value(), "only what is there can be removed");
  record(path, PendingNode{.exists = false}, zxid, node->digest);
}

void Outstanding::applied(std::int64_t zxid) {
  while (!changes_.empty() && changes_.front().zxid <= zxid) {
    const auto at = pending_.find(changes_.front().path);
    if (at != pending_.end() && at->second.zxid <= zxid) pending_.erase(at);
    changes_.pop_front();
  }
}

void Outstanding::mark() {
  undo_ = Undo{changes_.size(), static_cast<std::uint64_t>(tree_digest()), {}};
}

void Outstanding::roll_back() {
  QUOLL_CHECK(undo_.has_value(), "a roll-back follows a mark");
  while (changes_.size() > undo_->changes) changes_.pop_back();
  for (auto at = undo_->before.rbegin(); at != undo_->before.rend(); ++at) {
    if (at->second) {
      pending_[at->first] = std::move(*at->second);
    } else {
      pending_.erase(at->first);
    }
  }
  digest_ = undo_->digest;
  undo_.reset();
}

}  // namespace quoll::machine
