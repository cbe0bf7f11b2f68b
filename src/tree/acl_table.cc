#include "tree/acl_table.h"

#include "base/check.h"

namespace quoll::tree {

AclTable::AclTable() {
  entries_.push_back(Entry{open_acl_unsafe(), 0});
}

AclId AclTable::acquire(const AclList& list) {
  if (list == entries_[kOpenAcl].list) return kOpenAcl;
  const auto [at, is_new] = ids_.try_emplace(list, 0);
  if (is_new) {
    if (free_.empty()) {
      at->second = static_cast<AclId>(entries_.size());
      entries_.push_back(Entry{list, 0});
    } else {
      at->second = free_.back();
      free_.pop_back();
      entries_[at->second] = Entry{list, 0};
    }
  }
  ++entries_[at->second].users;
  return at->second;
}

void AclTable::release(AclId id) {
  if (id == kOpenAcl) return;
  Entry& entry = entries_[id];
  QUOLL_CHECK(entry.users > 0, "an ACL list is released no more often than it was acquired");
  if (--entry.users > 0) return;
  ids_.erase(entry.list);
  entry = Entry{};
  free_.push_back(id);
}

}  // namespace quoll::tree
