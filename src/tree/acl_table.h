// Each distinct ACL list once, with a count of the znodes that use it
// (org.apache.zookeeper.server.ReferenceCountedACLCache).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "tree/node.h"
#include "types/acl.h"

namespace quoll::tree {

// Id 0 is world:anyone with all permissions: it is never counted and never stored.
inline constexpr AclId kOpenAcl = 0;

class AclTable {
 public:
  AclTable();
  // Counts one user more and returns the id.
  AclId acquire(const AclList& list);
  void release(AclId id);
  [[nodiscard]] const AclList& get(AclId id) const { return entries_[id].list; }
  // Distinct lists in use, the open one not counted.
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

  template <typename Visit>  // void(AclId, const AclList&)
  void for_each(Visit&& visit) const {
    for (const auto& [list, id] : ids_) visit(id, list);
  }

 private:
  struct Entry {
    AclList list;
    std::uint64_t users = 0;
  };
  std::vector<Entry> entries_;
  std::vector<AclId> free_;
  std::map<AclList, AclId> ids_;
};

}  // namespace quoll::tree
