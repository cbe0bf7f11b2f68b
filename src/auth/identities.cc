#include "auth/identities.h"

namespace quoll::auth {

Identities::Identities(const Identities& other)
    : list_(other.list_), bytes_(other.bytes_), has_super_(other.has_super_) {}

Identities& Identities::operator=(const Identities& other) {
  if (this == &other) return *this;
  index_.reset();
  list_ = other.list_;
  bytes_ = other.bytes_;
  has_super_ = other.has_super_;
  return *this;
}

void Identities::push_back(Id id) {
  index_.reset();
  bytes_ += id.scheme.size() + id.id.size();
  has_super_ = has_super_ || id.scheme == "super";
  list_.push_back(std::move(id));
}

const Identities::Index& Identities::index(const base::HashKey& key) const {
  if (index_ == nullptr) {
    const IdHash hash(key);
    index_ = std::make_unique<Index>(list_.size(), hash);
    for (const Id& each : list_) {
      index_->ids.insert(&each);
      index_->hashes.push_back(hash(&each));
    }
  }
  return *index_;
}

bool Identities::contains(const IdView& id, const base::HashKey& key) const {
  return index(key).ids.contains(id);
}

HashedId Identities::hashed(std::size_t at, const base::HashKey& key) const {
  return {{list_[at].scheme, list_[at].id}, index(key).hashes[at]};
}

std::optional<std::int32_t> Identities::remembered(const void* list, std::uint64_t hash) const {
  if (index_ == nullptr) return std::nullopt;
  const auto at = index_->granted.find(list);
  return at == index_->granted.end() || at->second.hash != hash ? std::nullopt : std::optional(at->second.perms);
}

void Identities::remember(const void* list, std::uint64_t hash, std::int32_t perms) const {
  if (index_ == nullptr) return;
  if (index_->granted.size() >= kListsMax) index_->granted.clear();
  index_->granted[list] = Granted{hash, perms};
}

}  // namespace quoll::auth
