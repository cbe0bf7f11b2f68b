// delete, and deleteContainer, which the server issues for empty containers and expired TTL nodes.
#include <ranges>

#include "machine/ops/common.h"
#include "machine/ops/ops.h"
#include "machine/ops/quota_count.h"

namespace quoll::machine::ops {

namespace {

// True for paths that can be deleted: they have a parent and are not one of ZooKeeper's own.
bool is_deletable(std::string_view path) {
  return has_parent_part(path) && !path::is_special(path);
}

Prepared removal(Preparation& p, std::string_view path, PendingNode parent) {
  TxnBody txn = DeleteTxn{path};
  if (!p.charge(txn)) return std::unexpected(kTooLarge);
  StatPersisted parent_stat = parent.stat;
  parent_stat.pzxid = p.zxid;
  --parent.child_count;
  p.changes.put(path::parent(path), std::move(parent), parent_stat, p.zxid);
  p.changes.put_removed(path, p.zxid);
  return txn;
}

}  // namespace

Prepared prepare_delete(Preparation& p) {
  return prepare_delete(p, std::get<DeleteRequest>(p.request.body));
}

Prepared prepare_delete(Preparation& p, const DeleteRequest& request) {
  if (!p.session_open) return std::unexpected(Error::session_expired);
  if (request.path.is_null()) return std::unexpected(Error::marshalling_error);
  const std::string_view path = request.path.view();
  if (!is_deletable(path)) return std::unexpected(Error::bad_arguments);
  const std::string_view parent_path = path::parent(path);
  auto parent = p.changes.get(parent_path);
  if (!parent) return std::unexpected(Error::no_node);
  if (!allows(p, p.changes.acl_of(parent_path, *parent), perm::kDelete)) return std::unexpected(Error::no_auth);
  const auto node = p.changes.get(path);
  if (!node) return std::unexpected(Error::no_node);
  if (const auto version = check_version(node->stat.version, request.version); !version)
    return std::unexpected(version.error());
  if (node->child_count > 0) return std::unexpected(Error::not_empty);
  return removal(p, path, std::move(*parent));
}

Prepared prepare_delete_container(Preparation& p) {
  const auto& request = std::get<DeleteContainerRequest>(p.request.body);
  if (request.path.is_null()) return std::unexpected(Error::marshalling_error);
  const std::string_view path = request.path.view();
  if (!is_deletable(path)) return std::unexpected(Error::bad_arguments);
  const auto node = p.changes.get(path);
  if (!node) return std::unexpected(Error::no_node);
  if (node->child_count > 0) return std::unexpected(Error::not_empty);
  const OwnerKind kind = p.state.tree.kind_of(node->stat.ephemeral_owner);
  if (kind == OwnerKind::session) return std::unexpected(Error::bad_version);
  // The server selected the node some time ago. It may have been deleted and created again as a normal node
  // (docs/deviations.md).
  if (kind == OwnerKind::none && p.request.origin == Request::server) return std::unexpected(Error::bad_version);
  const std::string_view parent_path = path::parent(path);
  auto parent = p.changes.get(parent_path);
  if (!parent) return std::unexpected(Error::no_node);
  // Apache does not check permissions: there any client can delete nodes that it may not even read
  // (docs/deviations.md).
  if (p.request.origin == Request::client) {
    if (!p.session_open) return std::unexpected(Error::session_expired);
    if (!allows(p, p.changes.acl_of(parent_path, *parent), perm::kDelete)) return std::unexpected(Error::no_auth);
  }
  return removal(p, path, std::move(*parent));
}

namespace {

// Called even if replay finds the node already deleted. Does not undo the greater pzxid of a later create.
void note_child_removed(tree::Tree& tree, std::string_view parent_path, tree::NodeId parent, std::int64_t zxid) {
  if (zxid > tree.node(parent).stat.pzxid)
    tree.set_child_stat(parent_path, parent, tree.node(parent).stat.cversion, zxid);
}

void remove_below(Applier& applier, std::int64_t zxid, tree::NodeId id, std::string_view path) {
  const tree::Tree& tree = applier.state().tree;
  const std::string prefix = std::string(path) + "/";
  std::vector<std::string> below;
  for (tree::NodeId at = tree.next_depth_first(id); at != tree::kNoNode; at = tree.next_depth_first(at)) {
    std::string found = tree.path_of(at);
    if (!found.starts_with(prefix)) break;
    below.push_back(std::move(found));
  }
  for (const std::string& leaf : std::views::reverse(below)) apply_removal(applier, zxid, leaf);
}

void remove_leaf(Applier& applier, std::int64_t zxid, std::string_view path, tree::NodeId id) {
  State& state = applier.state();
  tree::Tree& tree = state.tree;
  const std::string_view parent_path = path::parent(path);
  const tree::NodeId parent = tree.node(id).parent;
  note_child_removed(tree, parent_path, parent, zxid);
  const auto bytes = static_cast<std::int64_t>(tree.node(id).data_bytes());
  // Before the removal, while the node's ACL is still stored.
  applier.fire_deleted(path, tree.acl_of(id), zxid);
  tree.remove(path, id);
  if (const auto of = tree::quota_path_of(parent_path); of && path::name(path) == path::kLimitNode)
    tree.quotas().remove(*of);
  count_quota(applier, path, -bytes, -1);
  applier.fire(state.child_watches, watch::EventType::node_children_changed, parent_path.empty() ? "/" : parent_path,
               tree.acl_of(parent), zxid);
}

}  // namespace

Error apply_removal(Applier& applier, std::int64_t zxid, std::string_view path) {
  // Servers never propose these, but a damaged or fabricated log may contain them.
  if (!path::is_below_root(path) || path::is_special(path)) return Error::bad_arguments;
  tree::Tree& tree = applier.state().tree;
  const tree::NodeId id = tree.find(path);
  if (id == tree::kNoNode) {
    // In replay the node may be gone already. Its parent must still be updated.
    const std::string_view parent_path = path::parent(path);
    const tree::NodeId parent = tree.find(parent_path);
    if (parent != tree::kNoNode) note_child_removed(tree, parent_path, parent, zxid);
    return Error::no_node;
  }
  // In replay over a fuzzy snapshot: the children were created later, below a later node of the same path, and replay
  // will create them again. Otherwise an ephemeral has children only if the log or the snapshot was fabricated;
  // deleting it must give the same tree as replaying it.
  if (tree.node(id).child_count > 0) remove_below(applier, zxid, id, path);
  remove_leaf(applier, zxid, path, id);
  return Error::ok;
}

void apply_removal_of_all(Applier& applier, std::int64_t zxid, std::int64_t session) {
  const tree::Tree& tree = applier.state().tree;
  for (const tree::NodeId id : tree.sorted_ephemerals_of(session)) {
    // It may have been removed together with an ephemeral above it.
    if (!tree.node(id).in_use()) continue;
    const std::string path = tree.path_of(id);
    if (tree.node(id).child_count == 0 && !path::is_special(path)) {
      remove_leaf(applier, zxid, path, id);
    } else {
      apply_removal(applier, zxid, path);
    }
  }
}

void apply_delete(Applier& applier, const TxnHeader& header, const DeleteTxn& txn, ApplyResult& result) {
  result.path = txn.path.view();
  result.err = apply_removal(applier, header.zxid, txn.path.view());
}

}  // namespace quoll::machine::ops
