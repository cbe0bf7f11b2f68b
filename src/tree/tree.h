// The znodes of one server, in memory only: no clock, sessions or watches. Callers have checked that a change is valid.
// The tree keeps its digest, its sizes and its lists of special nodes (ephemerals, containers, TTL) consistent with its
// content.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "tree/acl_table.h"
#include "tree/node.h"
#include "tree/node_table.h"
#include "tree/path_index.h"
#include "tree/quota.h"
#include "types/create_mode.h"
#include "types/ids.h"
#include "types/stat.h"

namespace quoll::tree {

enum class Digests { on, off };

class Tree {
 public:
  // A tree holds at least "/", "/zookeeper", "/zookeeper/quota" and "/zookeeper/config", as Apache's does from birth.
  // `key`: for the tree's hash tables.
  Tree(OwnerRules owner_rules, Digests digests, const base::HashKey& key = {});
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;

  // `path` is "" or "/" for the root. Returns kNoNode if there is no such node.
  [[nodiscard]] NodeId find(std::string_view path) const {
    return index_.find(nodes_, path == "/" ? std::string_view() : path);
  }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
  [[nodiscard]] std::string path_of(NodeId id) const;
  [[nodiscard]] const auth::AccessList& acl_of(NodeId id) const { return acls_.get(nodes_[id].acl); }
  // The stat as sent to clients.
  [[nodiscard]] Stat stat_of(NodeId id) const;
  [[nodiscard]] Stat shown(const StatPersisted& stat, std::int32_t data_length, std::int32_t num_children) const;

  template <typename Visit>  // void(NodeId, const Node&), oldest child first
  void for_each_child(NodeId id, Visit&& visit) const {
    const NodeId first = nodes_[id].first_child;
    for (NodeId child = first; child != kNoNode;) {
      ++walked_;
      visit(child, nodes_[child]);
      child = nodes_[child].next;
      if (child == first) break;
    }
  }

  // The path's parent must exist; the path must not.
  NodeId add(std::string_view path, NodeId parent, base::NullableView data, AclId acl, const StatPersisted& stat);
  // The node must have no children and must not be the root.
  void remove(std::string_view path, NodeId id);
  void set_data(std::string_view path, NodeId id, base::NullableView data, std::int32_t version, std::int64_t mzxid,
                std::int64_t mtime);
  void set_acl(std::string_view path, NodeId id, AclId acl, std::int32_t aversion);
  // Changes only the id of the node's ACL list. Used in replay over a fuzzy snapshot.
  void replace_acl(NodeId id, AclId acl);
  void set_child_stat(std::string_view path, NodeId id, std::int32_t cversion, std::int64_t pzxid);
  // Sets data that each server keeps locally (quota statistics, the configuration), without changing version or digest
  // and without firing watches.
  void set_local_data(NodeId id, base::NullableView data);
  // Replaces an existing node ("/", "/zookeeper" ...) by what a snapshot contains for it.
  void overwrite(std::string_view path, NodeId id, base::NullableView data, AclId acl, const StatPersisted& stat);

  [[nodiscard]] const base::HashKey& hash_key() const { return index_.key(); }
  AclTable& acls() { return acls_; }
  [[nodiscard]] const AclTable& acls() const { return acls_; }
  QuotaPaths& quotas() { return quotas_; }
  [[nodiscard]] const QuotaPaths& quotas() const { return quotas_; }
  [[nodiscard]] const OwnerRules& owner_rules() const { return owner_rules_; }
  [[nodiscard]] OwnerKind kind_of(std::int64_t owner) const { return owner_kind(owner, owner_rules_); }

  [[nodiscard]] Digests digests() const { return digests_; }
  [[nodiscard]] std::int64_t digest() const { return static_cast<std::int64_t>(digest_); }
  // Apache counts the root twice, as "" and as "/".
  [[nodiscard]] std::int64_t node_count() const { return static_cast<std::int64_t>(nodes_.size()) + 1; }
  // Includes the second root too, as in Apache.
  [[nodiscard]] std::int64_t approximate_data_size() const { return data_size_ + 1; }
  [[nodiscard]] std::int64_t ephemerals_count() const { return ephemerals_count_; }
  // True if every path is as long in UTF-16 units as in bytes. Then names need not be measured one by one.
  [[nodiscard]] bool java_lengths_are_bytes() const { return wide_paths_ == 0; }
  // Number of descendants of a node, without the node itself.
  [[nodiscard]] std::int64_t descendants(NodeId id) const { return nodes_[id].descendants; }

  using NodeSet = boost::unordered_flat_set<NodeId>;
  [[nodiscard]] const std::unordered_map<std::int64_t, NodeSet>& ephemerals() const { return ephemerals_; }
  // nullptr if the session owns no ephemerals.
  [[nodiscard]] const NodeSet* ephemerals_of(std::int64_t session) const;
  // The same, sorted by id, which is the order in memory and nearly that of creation.
  [[nodiscard]] std::vector<NodeId> sorted_ephemerals_of(std::int64_t session) const;
  [[nodiscard]] const NodeSet& containers() const { return containers_; }
  [[nodiscard]] const NodeSet& ttls() const { return ttls_; }

  // The number of nodes walked so far; a measure of the cost.
  [[nodiscard]] std::int64_t walked() const { return walked_; }

  // The node after `id` in depth-first order, parents first; kNoNode after the last.
  [[nodiscard]] NodeId next_depth_first(NodeId id) const;
  // The place of a walk that tolerates changes, first the root: when the node that it refers to is removed, it moves to
  // the next one. There may be several; destroying one ends its walk.
  using Cursor = std::shared_ptr<NodeId>;
  [[nodiscard]] Cursor begin_walk();
  // False if the cursor belongs to another tree, which this one has replaced: its ids mean nothing here.
  [[nodiscard]] bool is_walked_by(const Cursor& cursor) const;

  // Recomputes the usage of every quota from the tree.
  void recount_quotas();
  void recount_quota(std::string_view path);
  // Aborts if counts, links or digests do not match the content. Visits every node: for the simulator and tests.
  void check_invariants() const;

 private:
  void move_cursors_on(NodeId id);
  void link(NodeId parent, NodeId child);
  void unlink(NodeId child);
  // Adds (sign 1) or subtracts (sign -1) one descendant in `parent` and all its ancestors.
  void count_descendant(NodeId parent, std::int32_t sign);
  void note_owner(NodeId id, std::int64_t owner);
  void forget_owner(NodeId id, std::int64_t owner);
  void renew_digest(std::string_view path, Node& node);
  // For changes of numbers only: the digest is not computed from the data again.
  void put_stat(std::string_view path, Node& node, const StatPersisted& stat);
  // Adds (sign 1) or subtracts (sign -1) the path and data of one node in the totals.
  void count(std::string_view path, const Node& node, int sign);

  OwnerRules owner_rules_;
  Digests digests_;
  NodeTable nodes_;
  PathIndex index_;
  AclTable acls_;
  QuotaPaths quotas_;
  std::unordered_map<std::int64_t, NodeSet> ephemerals_;
  NodeSet containers_;
  NodeSet ttls_;
  std::uint64_t digest_ = 0;
  std::int64_t data_size_ = 0;
  std::int64_t ephemerals_count_ = 0;
  mutable std::int64_t walked_ = 0;
  std::int64_t wide_paths_ = 0;  // paths with fewer UTF-16 units than bytes
  std::vector<std::weak_ptr<NodeId>> cursors_;
};

}  // namespace quoll::tree
