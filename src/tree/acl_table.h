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

  // While someone keeps what hold() returned, lists that are released keep their ids and their content, and new lists
  // get ids that were never used before: a snapshot that is being written refers to lists by the ids that they had at
  // its start, and writes them piece by piece.
  [[nodiscard]] std::shared_ptr<const void> hold() {
    free_released();
    return holders_;
  }
  // The lists to write at the start of a hold: all with a smaller id for which held() is not nullptr.
  [[nodiscard]] AclId end_id() const { return static_cast<AclId>(entries_.size()); }
  [[nodiscard]] std::size_t held_count() const { return size_ + released_.size(); }
  [[nodiscard]] const AclList* held(AclId id) const {
    return entries_[id].list == nullptr ? nullptr : &entries_[id].list->entries();
  }

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
  [[nodiscard]] bool is_held() const { return holders_.use_count() > 1; }
  // Frees the lists that were released during a hold that has ended.
  void free_released();

  base::HashKey key_;
  std::vector<Entry> entries_;
  std::vector<AclId> free_;
  std::vector<AclId> released_;  // during a hold
  std::size_t size_ = 0;
  std::shared_ptr<const int> holders_ = std::make_shared<const int>(0);
  struct SameBits {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };
  boost::unordered_flat_map<std::uint64_t, AclId, SameBits> by_hash_;
};

}  // namespace quoll::tree
