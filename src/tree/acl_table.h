// Each distinct ACL list once, with a count of the znodes that use it
// (org.apache.zookeeper.server.ReferenceCountedACLCache).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "auth/access_list.h"
#include "base/keyed_hash.h"
#include "tree/node.h"
#include "types/acl.h"

namespace quoll::tree {

// Id 0 is world:anyone with all permissions: it is never counted and never stored.
inline constexpr AclId kOpenAcl = 0;

class AclTable {
 public:
  explicit AclTable(const base::HashKey& key = {});
  // Counts one user more and returns the id.
  AclId acquire(const AclList& list);
  void release(AclId id);
  [[nodiscard]] const auth::AccessList& get(AclId id) const { return *entries_[id].list; }
  // Distinct lists in use, the open one not counted.
  [[nodiscard]] std::size_t size() const { return size_; }

  template <typename Visit>  // void(AclId, const AclList&), in the order of their ids
  void for_each(Visit&& visit) const {
    for (AclId id = kOpenAcl + 1; id < entries_.size(); ++id) {
      if (entries_[id].users > 0) visit(id, entries_[id].list->entries());
    }
  }

  // From hold_ids() to release_ids() no id is given to another list, though nobody uses its own any more: a snapshot
  // that is being written names lists by their ids as they were at its start.
  void hold_ids() { ids_are_held_ = true; }
  void release_ids();

 private:
  struct Entry {
    std::unique_ptr<const auth::AccessList> list;
    std::uint64_t users = 0;
    std::uint64_t hash = 0;
    AclId next = kOpenAcl;  // another list with the same hash; kOpenAcl: none
  };
  [[nodiscard]] std::uint64_t hash_of(const AclList& list) const;
  AclId add(const AclList& list, std::uint64_t hash);
  void remove_from_hashes(AclId id);

  base::HashKey key_;
  std::vector<Entry> entries_;
  std::vector<AclId> free_;
  std::vector<AclId> held_;  // free as soon as no ids are held
  std::size_t size_ = 0;
  bool ids_are_held_ = false;
  struct SameBits {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };
  boost::unordered_flat_map<std::uint64_t, AclId, SameBits> by_hash_;
};

}  // namespace quoll::tree
