// An ACL list as rights are checked by it. One of more than a few entries is compiled at its first check or before:
// hashes of its ids and of its address prefixes, so that a check costs what the asking client's identities are, not
// their product with the entries.
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
  // Up to so many entries, of up to so many bytes in all, are compared one by one, with up to so many identities.
  static constexpr std::size_t kFew = 16;
  static constexpr std::size_t kFewBytes = 4096;

  // What the entries of one kind allow, all of them together: a right asked for is granted when any bit is there.
  struct Compiled {
    Compiled(const AclList& entries, const base::HashKey& key);
    template <typename Key>  // IdView or HashedId
    [[nodiscard]] std::int32_t perms_of(const Key& id) const {
      const auto at = ids.find(id);
      return at == ids.end() ? 0 : at->second;
    }

    std::int32_t anyone = 0;  // world:anyone
    std::int32_t sasl = 0;    // every entry of the scheme
    std::int32_t x509 = 0;
    IpTable addresses;
    boost::unordered_flat_map<const Id*, std::int32_t, IdHash, IdEqual> ids;
  };

  // `hash`: of the entries, by a key that no client knows, or 0: it is not remembered what the list grants.
  explicit AccessList(AclList entries, std::uint64_t hash = 0)
      : entries_(std::move(entries)), hash_(hash), is_long_(is_long(entries_)) {}
  AccessList(const AccessList&) = delete;
  AccessList& operator=(const AccessList&) = delete;

  [[nodiscard]] const AclList& entries() const { return entries_; }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] bool is_long() const { return is_long_; }
  // Compiled once. The key must be the one that the identities are hashed with: a server has one.
  [[nodiscard]] const Compiled& compiled(const base::HashKey& key) const;

 private:
  static bool is_long(const AclList& entries);

  const AclList entries_;
  const std::uint64_t hash_;
  const bool is_long_;
  mutable std::unique_ptr<const Compiled> compiled_;  // points into entries_
};

}  // namespace quoll::auth
