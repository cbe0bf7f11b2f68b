// An ACL list, prepared for permission checks. A list of more than a few entries is compiled before or at its first
// check into hash tables of its ids and of its address prefixes, so that a check costs as much as the client has
// identities, not that times the number of entries.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>

#include "auth/identities.h"
#include "auth/ip_address.h"
#include "base/keyed_hash.h"
#include "types/acl.h"

namespace quoll::auth {

class AccessList {
 public:
  // Lists of up to this many entries and bytes are compared entry by entry, with up to this many identities.
  static constexpr std::size_t kFew = 16;
  static constexpr std::size_t kFewBytes = 4096;

  // The permissions that the entries of one kind grant together. A requested permission is granted if one of its bits
  // is set.
  struct Compiled {
    Compiled(const AclList& entries, const base::HashKey& key);
    template <typename Key>  // IdView or HashedId
    [[nodiscard]] std::int32_t perms_of(const Key& id) const {
      const auto at = ids.find(id);
      return at == ids.end() ? 0 : at->second;
    }

    std::int32_t anyone = 0;  // granted by world:anyone
    std::int32_t sasl = 0;    // granted by any entry of scheme sasl
    std::int32_t x509 = 0;
    IpTable addresses;
    boost::unordered_flat_map<const Id*, std::int32_t, IdHash, IdEqual> ids;
  };

  // `hash`: of the entries, with a key that no client knows; 0: what the list grants is not remembered.
  explicit AccessList(AclList entries, std::uint64_t hash = 0)
      : entries_(std::move(entries)), hash_(hash), is_long_(is_long(entries_)) {}
  AccessList(const AccessList&) = delete;
  AccessList& operator=(const AccessList&) = delete;

  [[nodiscard]] const AclList& entries() const { return entries_; }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] bool is_long() const { return is_long_; }
  // Compiled once. The key must be the one with which the identities are hashed: a server has one key.
  [[nodiscard]] const Compiled& compiled(const base::HashKey& key) const;

 private:
  static bool is_long(const AclList& entries);

  const AclList entries_;
  const std::uint64_t hash_;
  const bool is_long_;
  mutable std::unique_ptr<const Compiled> compiled_;  // points into entries_
};

}  // namespace quoll::auth
