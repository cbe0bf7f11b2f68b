// Znodes as they will be once the transactions that are proposed but not yet applied have been: what a leader prepares
// against (Apache's outstandingChanges). A view over the tree; it never changes the tree.
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

// One znode with its pending changes. Small whatever the znode holds, since each change of it is a copy: of the data
// only what is asked about it, and a pending ACL is shared.
struct PendingNode {
  std::int64_t zxid = -1;  // of the last change; -1: none pending
  bool exists = true;
  StatPersisted stat;
  std::int64_t child_count = 0;
  std::int64_t data_bytes = 0;
  std::shared_ptr<const auth::AccessList> acl;  // nullptr: the tree's is still right
  std::uint32_t digest = 0;
};

class Outstanding {
 public:
  explicit Outstanding(const tree::Tree& tree) : tree_(tree), pending_(0, base::KeyedHash(tree.hash_key())) {}

  // The node as it will be; nullopt: it won't be there. `path` may be "" for the root.
  [[nodiscard]] std::optional<PendingNode> get(std::string_view path) const;
  [[nodiscard]] bool exists(std::string_view path) const;
  [[nodiscard]] const auth::AccessList& acl_of(std::string_view path, const PendingNode& node) const;

  // These record how a node will be after transaction `zxid`, and keep the digests.
  // It has other numbers, `stat`, and whatever else was changed in `node` since get(); its data stays.
  void put(std::string_view path, PendingNode node, const StatPersisted& stat, std::int64_t zxid);
  // It is new or has other data; `node.stat` is the new one already.
  void put_data(std::string_view path, PendingNode node, base::NullableView data, std::int64_t zxid);
  void put_removed(std::string_view path, std::int64_t zxid);

  // The tree's digest after everything pending.
  [[nodiscard]] std::int64_t tree_digest() const {
    return size() == 0 ? tree_.digest() : static_cast<std::int64_t>(digest_);
  }

  // Transactions up to `zxid` have been applied: the tree speaks for itself again.
  void applied(std::int64_t zxid);

  // All or nothing for a multi: changes after mark() are undone by roll_back().
  void mark();
  void roll_back();
  void keep() { undo_.reset(); }

  // What a session will own when everything pending has been applied.
  struct Owned {
    std::vector<tree::NodeId> settled;  // as the tree has it; in order
    std::set<std::string> changed;      // by changes that are pending
  };
  [[nodiscard]] Owned owned_by(std::int64_t session) const;
  // The session ends with transaction `zxid` and takes along what it owns. What is settled needs one record together:
  // it may be hundreds of thousands.
  void put_session_end(std::int64_t session, const Owned& owned, std::int64_t zxid);

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
    std::vector<std::optional<PendingNode>> before;  // of each change since, newest last
  };
  // A session with settled nodes ends: they will be gone although no pending change names them.
  [[nodiscard]] bool ends_with_its_session(const tree::Node& node) const {
    return !ending_.empty() && ending_.contains(node.stat.ephemeral_owner);
  }
  void record(std::string_view path, PendingNode node, std::int64_t zxid, std::uint32_t digest_before);
  void put_children_gone(std::string_view parent_path, std::int64_t count, std::int64_t zxid);

  const tree::Tree& tree_;
  boost::unordered_flat_map<std::string, PendingNode, base::KeyedHash, base::HashedEqual> pending_;
  std::deque<Change> changes_;
  std::deque<End> ends_;  // of sessions with settled nodes
  std::unordered_set<std::int64_t> ending_;
  std::uint64_t digest_ = 0;
  std::optional<Undo> undo_;
};

}  // namespace quoll::machine
