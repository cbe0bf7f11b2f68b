#include "auth/access_list.h"

namespace quoll::auth {

AccessList::Compiled::Compiled(const AclList& entries, const base::HashKey& key)
    : addresses(key), ids(0, IdHash(key), IdEqual()) {
  for (const Acl& entry : entries) {
    const Id& id = entry.id;
    if (id.scheme == "ip") {
      addresses.add(id.id, entry.perms);
      continue;
    }
    if (id.scheme == "world" && id.id == "anyone") anyone |= entry.perms;
    if (id.scheme == "sasl") sasl |= entry.perms;
    if (id.scheme == "x509") x509 |= entry.perms;
    ids[&id] |= entry.perms;
  }
}

bool AccessList::is_long(const AclList& entries) {
  if (entries.size() > kFew) return true;
  std::size_t bytes = 0;
  for (const Acl& entry : entries) bytes += entry.id.scheme.size() + entry.id.id.size();
  return bytes > kFewBytes;
}

const AccessList::Compiled& AccessList::compiled(const base::HashKey& key) const {
  if (compiled_ == nullptr) compiled_ = std::make_unique<const Compiled>(entries_, key);
  return *compiled_;
}

}  // namespace quoll::auth
