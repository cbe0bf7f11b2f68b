// The znodes as they will be after all proposed transactions have been applied (Apache's outstandingChanges). The
// leader prepares requests against this view. It is a layer over the tree and never changes the tree.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "auth/access_list.h"
#include "base/keyed_hash.h"
#include "tree/tree.h"
#include "types/ids.h"
#include "types/stat.h"

namespace quoll::machine {

// A znode with its pending changes. It is small whatever the znode contains, because each pending change is a copy: of
// the data it has only the attributes that are needed, and a pending ACL is shared.
struct PendingNode {
  std::int64_t zxid = -1;  // of the last pending change; -1: none
  bool exists = true;
  StatPersisted stat;
  std::int64_t child_count = 0;
  std::int64_t data_bytes = 0;
  std::shared_ptr<const auth::AccessList> acl;  // nullptr: the ACL in the tree is current
  std::uint32_t digest = 0;
};

class Outstanding {
 public:
  explicit Outstanding(const tree::Tree& tree) : tree_(tree), pending_(0, base::KeyedHash(tree.hash_key())) {}

  // The node after all pending changes; nullopt if it will not exist. `path` may be "" for the root.
  [[nodiscard]] std::optional<PendingNode> get(std::string_view path) const;
  [[nodiscard]] bool exists(std::string_view path) const;
  [[nodiscard]] const auth::AccessList& acl_of(std::string_view path, const PendingNode& node) const;

  // These record the node after transaction `zxid` and update the digest.
  // For a change of the stat, and of what was changed in `node` since get(). The data stays.
  void put(std::string_view path, PendingNode node, const StatPersisted& stat, std::int64_t zxid);
  // For a new node or new data; `node.stat` is the new stat.
  void put_data(std::string_view path, PendingNode node, base::NullableView data, std::int64_t zxid);
  void put_removed(std::string_view path, std::int64_t zxid);

  // The tree's digest after all pending changes.
  [[nodiscard]] std::int64_t tree_digest() const {
    return size() == 0 ? tree_.digest() : static_cast<std::int64_t>(digest_);
  }

  // All transactions up to `zxid` have been applied to the tree, so their pending changes are dropped.
  void applied(std::int64_t zxid);

  // None of the pending transactions will be applied: this server no longer leads.
  void clear();

  // For the atomicity of a multi: roll_back() undoes all changes since mark().
  void mark();
  void roll_back();
  void keep() { undo_.reset(); }

  // The ephemerals that a session will own after all pending changes.
  struct Owned {
    std::vector<tree::NodeId> settled;  // those without pending changes, sorted
    std::set<std::string> changed;      // those with pending changes
  };
  [[nodiscard]] Owned owned_by(std::int64_t session) const;
  // Transaction `zxid` closes the session and deletes the ephemerals in `owned`. Those without pending changes take one
  // record altogether, since there may be hundreds of thousands.
  void put_close_session(std::int64_t session, const Owned& owned, std::int64_t zxid);

  [[nodiscard]] std::size_t size() const { return changes_.size() + ends_.size(); }

 private:
  struct Change {
    std::int64_t zxid;
    std::string path;
  };
  struct End {
    std::int64_t zxid;
    std::int64_t session;
  };
  struct Undo {
    std::size_t changes = 0;
    std::uint64_t digest = 0;
    std::vector<std::optional<PendingNode>> before;  // of each change since then, newest last
  };
  // The node's session has a pending closeSession, so the node will be deleted although no pending change names it.
  [[nodiscard]] bool is_deleted_by_pending_close(const tree::Node& node) const {
    return !ending_.empty() && ending_.contains(node.stat.ephemeral_owner);
  }
  void record(std::string_view path, PendingNode node, std::int64_t zxid, std::uint32_t digest_before);
  void put_children_removed(std::string_view parent_path, std::int64_t count, std::int64_t zxid);

  const tree::Tree& tree_;
  boost::unordered_flat_map<std::string, PendingNode, base::KeyedHash, base::HashedEqual> pending_;
  std::deque<Change> changes_;
  std::deque<End> ends_;  // of sessions whose ephemerals had no pending changes
  std::unordered_set<std::int64_t> ending_;
  std::uint64_t digest_ = 0;
  std::optional<Undo> undo_;
};

}  // namespace quoll::machine
