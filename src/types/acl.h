// Access control lists: who (scheme and id) may do what (permission bits).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace quoll {

namespace perm {
inline constexpr std::int32_t kRead = 1;
inline constexpr std::int32_t kWrite = 2;
inline constexpr std::int32_t kCreate = 4;
inline constexpr std::int32_t kDelete = 8;
inline constexpr std::int32_t kAdmin = 16;
inline constexpr std::int32_t kAll = 31;
}  // namespace perm

// Neither part is null. Decoders check this and answer a null with Error::invalid_acl or marshalling_error.
struct Id {
  std::string scheme;
  std::string id;
  static constexpr auto fields() { return std::tuple{&Id::scheme, &Id::id}; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

struct Acl {
  std::int32_t perms = 0;
  Id id;
  static constexpr auto fields() { return std::tuple{&Acl::perms, &Acl::id}; }
  friend auto operator<=>(const Acl&, const Acl&) = default;
};

using AclList = std::vector<Acl>;

// world:anyone with every permission; the only list that is not stored in the ACL table.
inline const AclList& open_acl_unsafe() {
  static const AclList list{Acl{perm::kAll, Id{"world", "anyone"}}};
  return list;
}

}  // namespace quoll
