// The znodes of one server: pure memory, no clock, no session, no watch. Callers have checked everything; a tree only
// changes and answers. Its digest, sizes and lists of special nodes (ephemerals, containers, TTL) are always those of
// its content.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
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
  // `key` is that of its hash tables.
  Tree(OwnerRules owner_rules, Digests digests, const base::HashKey& key = {});
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;

  // Paths are "" or "/" for the root. kNoNode: not there.
  [[nodiscard]] NodeId find(std::string_view path) const {
    return index_.find(nodes_, path == "/" ? std::string_view() : path);
  }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
  [[nodiscard]] std::string path_of(NodeId id) const;
  [[nodiscard]] const auth::AccessList& acl_of(NodeId id) const { return acls_.get(nodes_[id].acl); }
  // What clients are shown.
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

  // The path's parent exists and the path does not.
  NodeId add(std::string_view path, NodeId parent, base::NullableView data, AclId acl, const StatPersisted& stat);
  // The node has no children and is not the root.
  void remove(std::string_view path, NodeId id);
  void set_data(std::string_view path, NodeId id, base::NullableView data, std::int32_t version, std::int64_t mzxid,
                std::int64_t mtime);
  void set_acl(std::string_view path, NodeId id, AclId acl, std::int32_t aversion);
  // Replaces only the id of the ACL list, as replay over a fuzzy snapshot needs.
  void replace_acl(NodeId id, AclId acl);
  void set_child_stat(std::string_view path, NodeId id, std::int32_t cversion, std::int64_t pzxid);
  // Data that every server keeps for itself (quota statistics, the configuration): no version, no digest, no watch.
  void set_local_data(NodeId id, base::NullableView data);
  // What a snapshot says of a node that stands already ("/", "/zookeeper" ...).
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
  // Apache counts the root twice, under "" and "/".
  [[nodiscard]] std::int64_t node_count() const { return static_cast<std::int64_t>(nodes_.size()) + 1; }
  // ... and so does its sum of path lengths and data.
  [[nodiscard]] std::int64_t approximate_data_size() const { return data_size_ + 1; }
  [[nodiscard]] std::int64_t ephemerals_count() const { return ephemerals_count_; }
  // Is every path as long in Java as it has bytes? Then nobody needs to look at names one by one.
  [[nodiscard]] bool java_lengths_are_bytes() const { return wide_paths_ == 0; }
  // Descendants of a node, itself not counted.
  [[nodiscard]] std::int64_t descendants(NodeId id) const { return nodes_[id].descendants; }

  using NodeSet = boost::unordered_flat_set<NodeId>;
  [[nodiscard]] const std::unordered_map<std::int64_t, NodeSet>& ephemerals() const { return ephemerals_; }
  // nullptr: the session owns none.
  [[nodiscard]] const NodeSet* ephemerals_of(std::int64_t session) const;
  // The same in the order of their ids: that of their memory, and nearly that in which they were created.
  [[nodiscard]] std::vector<NodeId> sorted_ephemerals_of(std::int64_t session) const;
  [[nodiscard]] const NodeSet& containers() const { return containers_; }
  [[nodiscard]] const NodeSet& ttls() const { return ttls_; }

  // How many nodes have been walked over so far: what that costs is measured by it.
  [[nodiscard]] std::int64_t walked() const { return walked_; }

  // The node after `id` in depth-first order, parents first; kNoNode behind the last. With keep_alive(), a walk
  // survives changes.
  [[nodiscard]] NodeId next_depth_first(NodeId id) const;
  // `*cursor` moves on by itself when the node that it names is removed. nullptr ends that.
  void keep_alive(NodeId* cursor) { cursor_ = cursor; }

  // Recounts every quota's usage from the tree.
  void recount_quotas();
  void recount_quota(std::string_view path);
  // Aborts when counts, links or digest don't match the content; for the simulator and tests (visits every node).
  void check_invariants() const;

 private:
  void link(NodeId parent, NodeId child);
  void unlink(NodeId child);
  // A znode has come or gone (+1, -1) below `parent`: it and all above it count it.
  void count_descendant(NodeId parent, std::int32_t sign);
  void note_owner(NodeId id, std::int64_t owner);
  void forget_owner(NodeId id, std::int64_t owner);
  void renew_digest(std::string_view path, Node& node);
  // Only numbers change: the digest is not computed from the data again.
  void put_stat(std::string_view path, Node& node, const StatPersisted& stat);
  // The path and data of one node come or go (+1, -1): what sums over all of them count.
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
  std::int64_t wide_paths_ = 0;  // shorter in Java
  NodeId* cursor_ = nullptr;
};

}  // namespace quoll::tree
