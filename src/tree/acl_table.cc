#include "tree/acl_table.h"

#include <utility>

#include "base/check.h"

namespace quoll::tree {

AclTable::AclTable(const base::HashKey& key) : key_(key) {
  entries_.push_back(Entry{std::make_unique<const auth::AccessList>(open_acl_unsafe())});
}

std::uint64_t AclTable::hash_of(const AclList& list) const {
  std::uint64_t hash = list.size();
  for (const Acl& entry : list) {
    hash ^= static_cast<std::uint32_t>(entry.perms);
    hash = base::keyed_hash({key_.first ^ hash, key_.second}, entry.id.scheme);
    hash = base::keyed_hash({key_.first, key_.second ^ hash}, entry.id.id);
  }
  return hash;
}

AclId AclTable::add(const AclList& list, std::uint64_t hash) {
  free_released();
  AclId id = static_cast<AclId>(entries_.size());
  if (free_.empty() || is_held()) {
    QUOLL_CHECK(entries_.size() < 0xffffffff, "ids of ACL lists fit into 32 bits");
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  AclId& first = by_hash_[hash];
  entries_[id] = Entry{std::make_unique<const auth::AccessList>(list, hash), 1, hash, first};
  // The request that adds a long list pays for compiling it, not the first reads of a hundred such lists.
  if (entries_[id].list->is_long()) static_cast<void>(entries_[id].list->compiled(key_));
  first = id;
  ++size_;
  return id;
}

AclId AclTable::acquire(const AclList& list) {
  if (list == entries_[kOpenAcl].list->entries()) return kOpenAcl;
  const std::uint64_t hash = hash_of(list);
  const auto at = by_hash_.find(hash);
  for (AclId id = at == by_hash_.end() ? kOpenAcl : at->second; id != kOpenAcl; id = entries_[id].next) {
    if (entries_[id].list->entries() != list) continue;
    ++entries_[id].users;
    return id;
  }
  return add(list, hash);
}

void AclTable::remove_from_hashes(AclId id) {
  const auto at = by_hash_.find(entries_[id].hash);
  QUOLL_CHECK(at != by_hash_.end(), "an ACL list in use is found by its hash");
  AclId* link = &at->second;
  while (*link != id) {
    QUOLL_CHECK(*link != kOpenAcl, "an ACL list in use is found by its hash");
    link = &entries_[*link].next;
  }
  *link = entries_[id].next;
  if (at->second == kOpenAcl) by_hash_.erase(at);
}

void AclTable::release(AclId id) {
  if (id == kOpenAcl) return;
  Entry& entry = entries_[id];
  QUOLL_CHECK(entry.users > 0, "an ACL list is released at most as often as it was acquired");
  if (--entry.users > 0) return;
  remove_from_hashes(id);
  --size_;
  released_.push_back(id);
  free_released();
}

void AclTable::free_released() {
  if (released_.empty() || is_held()) return;
  for (const AclId id : released_) entries_[id] = Entry{};
  free_.insert(free_.end(), released_.begin(), released_.end());
  released_.clear();
}

}  // namespace quoll::tree
