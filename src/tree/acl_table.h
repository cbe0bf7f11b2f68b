// Stores each distinct ACL list once, with the number of znodes that use it
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

// The id of world:anyone with all permissions, which is neither stored nor counted.
inline constexpr AclId kOpenAcl = 0;

class AclTable {
 public:
  explicit AclTable(const base::HashKey& key = {});
  // Increments the number of users and returns the list's id.
  AclId acquire(const AclList& list);
  void release(AclId id);
  [[nodiscard]] const auth::AccessList& get(AclId id) const { return *entries_[id].list; }
  // The number of distinct lists in use, without the open one.
  [[nodiscard]] std::size_t size() const { return size_; }

  template <typename Visit>  // void(AclId, const AclList&), ordered by id
  void for_each(Visit&& visit) const {
    for (AclId id = kOpenAcl + 1; id < entries_.size(); ++id) {
      if (entries_[id].users > 0) visit(id, entries_[id].list->entries());
    }
  }

  // Between hold_ids() and release_ids() the ids of released lists are not reused: a snapshot that is being written
  // refers to lists by the ids that they had at its start.
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
  std::vector<AclId> held_;  // free when ids are no longer held
  std::size_t size_ = 0;
  bool ids_are_held_ = false;
  struct SameBits {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };
  boost::unordered_flat_map<std::uint64_t, AclId, SameBits> by_hash_;
};

}  // namespace quoll::tree
