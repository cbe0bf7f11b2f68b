#include "tree/tree.h"

#include <algorithm>

#include "base/check.h"
#include "base/narrow.h"
#include "base/utf8.h"
#include "tree/digest.h"
#include "types/path.h"

namespace quoll::tree {

Tree::Tree(OwnerRules owner_rules, Digests digests, const base::HashKey& key)
    : owner_rules_(owner_rules), digests_(digests), index_(key), acls_(key), quotas_(key) {
  const NodeId root = nodes_.allocate();
  QUOLL_CHECK(root == kRoot, "the root is the first node");
  nodes_[root].parent = root;
  nodes_[root].assign("", "");
  renew_digest("", nodes_[root]);
  const NodeId zookeeper = add(path::kZookeeper, root, "", kOpenAcl, {});
  // World-readable, and writable only by the super user (ZOOKEEPER-2014).
  const AclId read_only = acls_.acquire({Acl{perm::kRead, Id{"world", "anyone"}}});
  StatPersisted config_stat;
  config_stat.aversion = -1;
  add(path::kConfig, zookeeper, "", read_only, config_stat);
  add(path::kQuota, zookeeper, "", kOpenAcl, {});
}

std::string Tree::path_of(NodeId id) const {
  if (id == kRoot) return "/";
  std::size_t bytes = 0;
  for (NodeId at = id; at != kRoot; at = nodes_[at].parent) bytes += nodes_[at].name().size() + 1;
  std::string path(bytes, '/');
  for (NodeId at = id; at != kRoot; at = nodes_[at].parent) {
    const std::string_view name = nodes_[at].name();
    bytes -= name.size();
    path.replace(bytes, name.size(), name);
    --bytes;
  }
  return path;
}

Stat Tree::shown(const StatPersisted& s, std::int32_t data_length, std::int32_t num_children) const {
  const auto doubled = static_cast<std::uint32_t>(s.cversion) * 2 - static_cast<std::uint32_t>(num_children);
  return Stat{s.czxid,     s.mzxid,
              s.ctime,     s.mtime,
              s.version,   static_cast<std::int32_t>(doubled),
              s.aversion,  kind_of(s.ephemeral_owner) == OwnerKind::session ? s.ephemeral_owner : 0,
              data_length, num_children,
              s.pzxid};
}

Stat Tree::stat_of(NodeId id) const {
  const Node& node = nodes_[id];
  return shown(node.stat, base::narrow32(node.data_bytes()), base::narrow32(node.child_count));
}

void Tree::renew_digest(std::string_view path, Node& node) {
  if (digests_ == Digests::off) return;
  digest_ -= node.digest;
  node.digest = node_digest(path, node.data(), node.stat);
  digest_ += node.digest;
}

void Tree::put_stat(std::string_view path, Node& node, const StatPersisted& stat) {
  if (digests_ == Digests::on) {
    digest_ -= node.digest;
    node.digest = digest_with_numbers(path, node.digest, node.stat, stat);
    digest_ += node.digest;
  }
  node.stat = stat;
}

void Tree::count(std::string_view path, const Node& node, int sign) {
  const std::size_t length = base::utf16_length(path);
  data_size_ += sign * (static_cast<std::int64_t>(length) + node.data_bytes());
  if (length != path.size()) wide_paths_ += sign;
}

void Tree::link(NodeId parent_id, NodeId child_id) {
  Node& parent = nodes_[parent_id];
  Node& child = nodes_[child_id];
  child.parent = parent_id;
  if (parent.first_child == kNoNode) {
    parent.first_child = child.prev = child.next = child_id;
  } else {
    const NodeId first = parent.first_child;
    const NodeId last = nodes_[first].prev;
    child.prev = last;
    child.next = first;
    nodes_[last].next = child_id;
    nodes_[first].prev = child_id;
  }
  ++parent.child_count;
  count_descendant(parent_id, 1);
}

void Tree::count_descendant(NodeId parent, std::int32_t sign) {
  for (NodeId at = parent;; at = nodes_[at].parent) {
    nodes_[at].descendants += static_cast<std::uint32_t>(sign);
    if (at == kRoot) return;
  }
}

void Tree::unlink(NodeId child_id) {
  Node& child = nodes_[child_id];
  Node& parent = nodes_[child.parent];
  if (child.next == child_id) {
    parent.first_child = kNoNode;
  } else {
    nodes_[child.prev].next = child.next;
    nodes_[child.next].prev = child.prev;
    if (parent.first_child == child_id) parent.first_child = child.next;
  }
  --parent.child_count;
  count_descendant(child.parent, -1);
}

void Tree::note_owner(NodeId id, std::int64_t owner) {
  switch (kind_of(owner)) {
    case OwnerKind::none:
      break;
    case OwnerKind::container:
      containers_.insert(id);
      break;
    case OwnerKind::ttl:
      ttls_.insert(id);
      break;
    case OwnerKind::session:
      ephemerals_[owner].insert(id);
      ++ephemerals_count_;
      break;
  }
}

void Tree::forget_owner(NodeId id, std::int64_t owner) {
  switch (kind_of(owner)) {
    case OwnerKind::none:
      break;
    case OwnerKind::container:
      containers_.erase(id);
      break;
    case OwnerKind::ttl:
      ttls_.erase(id);
      break;
    case OwnerKind::session: {
      const auto at = ephemerals_.find(owner);
      QUOLL_CHECK(at != ephemerals_.end() && at->second.erase(id) == 1, "an ephemeral is listed under its session");
      if (at->second.empty()) ephemerals_.erase(at);
      --ephemerals_count_;
      break;
    }
  }
}

NodeId Tree::add(std::string_view path, NodeId parent, base::NullableView data, AclId acl, const StatPersisted& stat) {
  const NodeId id = nodes_.allocate();
  Node& node = nodes_[id];
  node.assign(path::name(path), data);
  node.stat = stat;
  node.acl = acl;
  link(parent, id);
  index_.insert(path, id);
  note_owner(id, stat.ephemeral_owner);
  count(path, node, 1);
  renew_digest(path, node);
  return id;
}

Tree::Cursor Tree::begin_walk() {
  Cursor cursor = std::make_shared<NodeId>(kRoot);
  cursors_.push_back(cursor);
  return cursor;
}

bool Tree::is_walked_by(const Cursor& cursor) const {
  return std::ranges::any_of(cursors_, [&](const auto& each) { return each.lock() == cursor; });
}

void Tree::move_cursors_on(NodeId id) {
  std::erase_if(cursors_, [](const auto& each) { return each.expired(); });
  for (const std::weak_ptr<NodeId>& each : cursors_) {
    if (const Cursor cursor = each.lock(); *cursor == id) *cursor = next_depth_first(id);
  }
}

void Tree::remove(std::string_view path, NodeId id) {
  Node& node = nodes_[id];
  QUOLL_CHECK(id != kRoot && node.child_count == 0, "only leaves are removed");
  if (!cursors_.empty()) move_cursors_on(id);
  index_.erase(path, id);
  unlink(id);
  forget_owner(id, node.stat.ephemeral_owner);
  count(path, node, -1);
  digest_ -= node.digest;
  acls_.release(node.acl);
  nodes_.release(id);
}

void Tree::set_data(std::string_view path, NodeId id, base::NullableView data, std::int32_t version, std::int64_t mzxid,
                    std::int64_t mtime) {
  Node& node = nodes_[id];
  data_size_ -= node.data_bytes();
  node.set_data(data);
  data_size_ += node.data_bytes();
  node.stat.version = version;
  node.stat.mzxid = mzxid;
  node.stat.mtime = mtime;
  renew_digest(path, node);
}

void Tree::set_acl(std::string_view path, NodeId id, AclId acl, std::int32_t aversion) {
  replace_acl(id, acl);
  StatPersisted stat = nodes_[id].stat;
  stat.aversion = aversion;
  put_stat(path, nodes_[id], stat);
}

void Tree::replace_acl(NodeId id, AclId acl) {
  acls_.release(nodes_[id].acl);
  nodes_[id].acl = acl;
}

void Tree::set_child_stat(std::string_view path, NodeId id, std::int32_t cversion, std::int64_t pzxid) {
  StatPersisted stat = nodes_[id].stat;
  stat.cversion = cversion;
  stat.pzxid = pzxid;
  put_stat(path, nodes_[id], stat);
}

void Tree::set_local_data(NodeId id, base::NullableView data) {
  Node& node = nodes_[id];
  data_size_ -= node.data_bytes();
  node.set_data(data);
  data_size_ += node.data_bytes();
}

void Tree::overwrite(std::string_view path, NodeId id, base::NullableView data, AclId acl, const StatPersisted& stat) {
  Node& node = nodes_[id];
  replace_acl(id, acl);
  if (id != kRoot) forget_owner(id, node.stat.ephemeral_owner);
  node.stat = stat;
  if (id != kRoot) note_owner(id, stat.ephemeral_owner);
  set_local_data(id, data);
  renew_digest(path, node);
}

const Tree::NodeSet* Tree::ephemerals_of(std::int64_t session) const {
  const auto at = ephemerals_.find(session);
  return at == ephemerals_.end() ? nullptr : &at->second;
}

std::vector<NodeId> Tree::sorted_ephemerals_of(std::int64_t session) const {
  std::vector<NodeId> ids;
  if (const NodeSet* const owned = ephemerals_of(session)) {
    // One pass: the vector's range constructor would first count the entries, a second slow walk over scattered memory.
    ids.reserve(owned->size());
    for (const NodeId id : *owned) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
  }
  return ids;
}

NodeId Tree::next_depth_first(NodeId id) const {
  ++walked_;
  if (nodes_[id].first_child != kNoNode) return nodes_[id].first_child;
  while (id != kRoot) {
    const NodeId next = nodes_[id].next;
    if (next != nodes_[nodes_[id].parent].first_child) return next;
    id = nodes_[id].parent;
  }
  return kNoNode;
}

void Tree::recount_quota(std::string_view quota_path) {
  const NodeId stat_node = find(stat_path(quota_path));
  if (stat_node == kNoNode) return;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  const NodeId top = find(quota_path);
  if (top != kNoNode) {
    const std::int64_t below = descendants(top);
    NodeId at = top;
    for (std::int64_t i = 0; i <= below; ++i, at = next_depth_first(at)) {
      ++count;
      bytes += nodes_[at].data_bytes();
    }
  }
  StatsTrack track;
  track.set_count(count);
  track.set_bytes(bytes);
  set_local_data(stat_node, track.text());
}

void Tree::recount_quotas() {
  for (const std::string& quota_path : quotas_.all()) recount_quota(quota_path);
}

void Tree::check_invariants() const {
  std::uint64_t digest = 0;
  std::size_t count = 0;
  for (NodeId id = kRoot; id != kNoNode; id = next_depth_first(id)) {
    const Node& node = nodes_[id];
    std::uint32_t children = 0;
    for_each_child(id, [&](NodeId child, const Node& child_node) {
      QUOLL_CHECK(child_node.parent == id && child != kNoNode, "a child knows its parent");
      ++children;
    });
    QUOLL_CHECK(children == node.child_count, "child_count counts the children");
    std::uint32_t descendants = children;
    for_each_child(id, [&](NodeId, const Node& child_node) { descendants += child_node.descendants; });
    QUOLL_CHECK(descendants == node.descendants, "descendants counts all nodes below");
    const std::string path = path_of(id);
    QUOLL_CHECK(find(path) == id, "every node is found by its path");
    if (digests_ == Digests::on) {
      QUOLL_CHECK(node.digest == node_digest(path, node.data(), node.stat), "a node's digest is that of its content");
    }
    digest += node.digest;
    ++count;
  }
  QUOLL_CHECK(count == nodes_.size(), "every node is reachable from the root");
  QUOLL_CHECK(digests_ == Digests::off || digest == digest_, "the tree's digest is the sum of its nodes'");
}

}  // namespace quoll::tree
