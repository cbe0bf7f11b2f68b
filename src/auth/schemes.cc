#include "auth/schemes.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <openssl/evp.h>

#include "auth/ip_address.h"
#include "auth/names.h"
#include "base/base64.h"
#include "base/constant_time.h"
#include "base/java_int.h"
#include "base/utf8.h"

namespace quoll::auth {

namespace {

// Java's names have no dash except in SHA-1 ("SHA1" or "SHA-1"); OpenSSL accepts both spellings.
const EVP_MD* algorithm_named(const std::string& name) {
  return EVP_get_digestbyname(name.c_str());
}

// Apache's example scheme: authenticates a client whose number is a multiple of the number in /key, or every client if
// /key does not exist. All get the same identity.
std::expected<Identities, Error> authenticate_key(std::string_view data, base::NullableView key_node) {
  if (key_node.is_null()) return Identities{Id{"key", ""}};
  const auto key = base::java_int(key_node.view());
  const auto value = base::java_int(data);
  // Computed in 64 bits: the smallest int divided by -1 would crash the process.
  if (!key || !value || (*key != 0 && std::int64_t{*value} % *key != 0)) return std::unexpected(Error::auth_failed);
  return Identities{Id{"key", ""}};
}

}  // namespace

std::optional<std::string> digest_of(std::string_view user_password, const std::string& algorithm) {
  const EVP_MD* const md = algorithm_named(algorithm);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (md == nullptr || EVP_Digest(user_password.data(), user_password.size(), digest, &length, md, nullptr) != 1)
    return std::nullopt;
  const std::string_view user = user_password.substr(0, user_password.find(':'));
  return std::string(user) + ":" + base::base64({reinterpret_cast<const char*>(digest), length});
}

std::expected<Identities, Error> Schemes::authenticate_digest(std::string_view data) const {
  const auto digest = digest_of(base::java_decoded(data), options_.digest_algorithm);
  if (!digest) return std::unexpected(Error::auth_failed);
  Identities identities;
  if (!options_.super_digest.empty() && base::equal_in_constant_time(*digest, options_.super_digest))
    identities.push_back(Id{"super", ""});
  identities.push_back(Id{"digest", *digest});
  return identities;
}

std::expected<Identities, Error> Schemes::authenticate(std::string_view scheme, base::NullableView data,
                                                       std::string_view peer_ip, base::NullableView key_node) const {
  // The data of scheme "ip" is ignored, even null.
  if (scheme == "ip") return Identities{Id{"ip", std::string(peer_ip)}};
  // A client that names no ensemble is accepted.
  if (scheme == "ensemble" && options_.ensemble_enabled) {
    const bool is_ours =
        data.view().empty() || options_.ensemble_names.empty() || options_.ensemble_names.contains(data.view());
    return is_ours ? std::expected<Identities, Error>(Identities{}) : std::unexpected(Error::auth_failed);
  }
  if (data.is_null()) return std::unexpected(Error::auth_failed);
  if (scheme == "digest" && options_.digest_enabled) return authenticate_digest(data.view());
  if (scheme == "key" && options_.key_enabled) return authenticate_key(data.view(), key_node);
  return std::unexpected(Error::auth_failed);
}

bool Schemes::has_provider(std::string_view scheme) const {
  if (scheme == "ip") return true;
  if (scheme == "digest") return options_.digest_enabled;
  if (scheme == "sasl") return options_.sasl_enabled;
  if (scheme == "x509") return options_.x509_enabled;
  if (scheme == "ensemble") return options_.ensemble_enabled;
  if (scheme == "key") return options_.key_enabled;
  return false;
}

// True if an ACL entry of scheme "auth" expands to identities of this scheme. Not for addresses: they do not
// authenticate a user.
bool Schemes::authenticates_users(std::string_view scheme) const {
  return has_provider(scheme) && scheme != "ip" && scheme != "ensemble";
}

bool Schemes::is_valid(std::string_view scheme, std::string_view id) const {
  if (!has_provider(scheme)) return false;
  if (scheme == "ip") return is_valid_ip_pattern(id);
  if (scheme == "digest") return is_digest_id(id);
  if (scheme == "sasl") return is_kerberos_name(id);
  if (scheme == "x509") return is_distinguished_name(id);
  return scheme == "key";
}

bool Schemes::matches(std::string_view scheme, std::string_view identity, std::string_view acl_id) const {
  if (!has_provider(scheme)) return false;
  if (scheme == "ip") return ip_matches(identity, acl_id);
  if (scheme == "ensemble") return false;
  if (identity == acl_id) return true;
  if (scheme == "sasl")
    return identity == "super" || (options_.any_sasl_user_id && acl_id == *options_.any_sasl_user_id);
  if (scheme == "x509") return options_.x509_super_user && identity == *options_.x509_super_user;
  return false;
}

bool Schemes::allows(const AclList& acl, std::int32_t perms, const Identities& identities) const {
  if (options_.skip_acl || acl.empty()) return true;
  for (const Acl& entry : acl) {
    if ((entry.perms & perms) != 0 && entry.id.scheme == "world" && entry.id.id == "anyone") return true;
  }
  if (identities.has_super()) return true;
  for (const Acl& entry : acl) {
    if ((entry.perms & perms) == 0) continue;
    for (const Id& identity : identities) {
      if (identity.scheme == entry.id.scheme && matches(entry.id.scheme, identity.id, entry.id.id)) return true;
    }
  }
  return false;
}

bool Schemes::matches_any(const Id& entry, const Identities& identities) const {
  if (!has_provider(entry.scheme) || entry.scheme == "ensemble") return false;
  const auto is_one = [&](std::string_view id) { return identities.contains({entry.scheme, id}, key_); };
  const auto has_scheme = [&] {
    return std::any_of(identities.begin(), identities.end(), [&](const Id& id) { return id.scheme == entry.scheme; });
  };
  if (entry.scheme == "ip") {
    return std::any_of(identities.begin(), identities.end(),
                       [&](const Id& id) { return id.scheme == "ip" && ip_matches(id.id, entry.id); });
  }
  if (is_one(entry.id)) return true;
  if (entry.scheme == "sasl")
    return is_one("super") || (options_.any_sasl_user_id && entry.id == *options_.any_sasl_user_id && has_scheme());
  return entry.scheme == "x509" && options_.x509_super_user && is_one(*options_.x509_super_user);
}

bool Schemes::allows_few(const AclList& entries, std::int32_t perms, const Identities& identities) const {
  return std::any_of(entries.begin(), entries.end(), [&](const Acl& entry) {
    if ((entry.perms & perms) == 0) return false;
    return (entry.id.scheme == "world" && entry.id.id == "anyone") || matches_any(entry.id, identities);
  });
}

std::int32_t Schemes::granted(const AccessList::Compiled& acl, const HashedId& identity) const {
  const auto& [scheme, id] = identity.view;
  if (!has_provider(scheme) || scheme == "ensemble") return 0;
  if (scheme == "ip") return acl.addresses.perms_of(id);
  std::int32_t perms = acl.perms_of(identity);
  if (scheme == "sasl" && id == "super") perms |= acl.sasl;
  if (scheme == "sasl" && options_.any_sasl_user_id) perms |= acl.perms_of(IdView{scheme, *options_.any_sasl_user_id});
  if (scheme == "x509" && options_.x509_super_user && id == *options_.x509_super_user) perms |= acl.x509;
  return perms;
}

std::int32_t Schemes::granted_to_many(const AccessList& acl, const Identities& identities) const {
  if (const auto known = identities.remembered(&acl, acl.hash())) return *known;
  const AccessList::Compiled& compiled = acl.compiled(key_);
  std::int32_t perms = 0;
  for (std::size_t i = 0; i < identities.size(); ++i) perms |= granted(compiled, identities.hashed(i, key_));
  if (acl.hash() != 0) identities.remember(&acl, acl.hash(), perms);
  return perms;
}

bool Schemes::allows(const AccessList& acl, std::int32_t perms, const Identities& identities) const {
  const bool has_few = identities.size() <= AccessList::kFew;
  if (!acl.is_long() && has_few) return allows(acl.entries(), perms, identities);
  if (options_.skip_acl || identities.has_super()) return true;
  if (!acl.is_long()) return acl.entries().empty() || allows_few(acl.entries(), perms, identities);
  const AccessList::Compiled& compiled = acl.compiled(key_);
  if ((compiled.anyone & perms) != 0) return true;
  if (!has_few) return (granted_to_many(acl, identities) & perms) != 0;
  for (std::size_t i = 0; i < identities.size(); ++i) {
    if ((granted(compiled, identities.hashed(i, key_)) & perms) != 0) return true;
  }
  return false;
}

namespace {

// An entry, or the part of it that must equal another entry's before a null in it is reported.
struct Part {
  enum Kind : std::uint8_t { perms_alone, with_scheme, whole } kind;
  std::int32_t perms = 0;
  base::NullableView scheme;
  base::NullableView id;
  friend bool operator==(const Part&, const Part&) = default;
};

struct PartHash {
  using is_avalanching = void;
  base::HashKey key;
  std::size_t operator()(const Part& part) const {
    const auto head =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(part.perms)) | (std::uint64_t{part.kind} << 32);
    const std::uint64_t scheme = base::keyed_hash(key, part.scheme.view());
    return base::keyed_hash({key.first ^ head, key.second ^ scheme}, part.id.view());
  }
};

using Entries = std::expected<std::vector<const AclView*>, Error>;

// Removes duplicate entries. When Apache compares two entries, a null in the second is an error of its own, whatever
// else is in the list (org.apache.zookeeper.server.PrepRequestProcessor.removeDuplicates): a null scheme after an entry
// with the same permissions, a null id after one with the same permissions and scheme.
Entries without_duplicates_of_few(const std::vector<AclView>& acl) {
  std::vector<const AclView*> kept;
  for (const AclView& entry : acl) {
    bool is_repeated = false;
    for (const AclView* const other : kept) {
      if (other->perms != entry.perms) continue;
      if (entry.scheme.is_null()) return std::unexpected(Error::marshalling_error);
      if (other->scheme != entry.scheme) continue;
      if (entry.id.is_null()) return std::unexpected(Error::marshalling_error);
      is_repeated = other->id == entry.id;
      if (is_repeated) break;
    }
    if (!is_repeated) kept.push_back(&entry);
  }
  return kept;
}

// The same in linear time.
Entries without_duplicates(const std::vector<AclView>& acl, const base::HashKey& key) {
  if (acl.size() <= AccessList::kFew) return without_duplicates_of_few(acl);
  boost::unordered_flat_set<Part, PartHash> seen(acl.size(), PartHash{key});
  std::vector<const AclView*> kept;
  for (const AclView& entry : acl) {
    const Part perms{Part::perms_alone, entry.perms, {}, {}};
    const Part with_scheme{Part::with_scheme, entry.perms, entry.scheme, {}};
    if (entry.scheme.is_null() && seen.contains(perms)) return std::unexpected(Error::marshalling_error);
    if (entry.id.is_null() && seen.contains(with_scheme)) return std::unexpected(Error::marshalling_error);
    if (!seen.insert(Part{Part::whole, entry.perms, entry.scheme, entry.id}).second) continue;
    seen.insert(perms);
    seen.insert(with_scheme);
    kept.push_back(&entry);
  }
  return kept;
}

}  // namespace

std::expected<AclList, Error> Schemes::fix_up(const AclViews& acl, const Identities& identities,
                                              std::size_t bytes_max) const {
  if (!acl || acl->empty()) return std::unexpected(Error::invalid_acl);
  const auto entries = without_duplicates(*acl, key_);
  if (!entries) return std::unexpected(entries.error());
  AclList fixed;
  std::size_t bytes = 0;
  const auto add = [&](std::int32_t perms, Id id) {
    bytes += 12 + id.scheme.size() + id.id.size();
    if (bytes > bytes_max) return false;
    fixed.push_back(Acl{perms, std::move(id)});
    return true;
  };
  for (const AclView* const each : *entries) {
    const AclView& entry = *each;
    if (entry.scheme.is_null()) return std::unexpected(Error::invalid_acl);
    const std::string_view scheme = entry.scheme.view();
    if (scheme == "auth") {
      bool is_proven = false;
      for (const Id& identity : identities) {
        if (!authenticates_users(identity.scheme)) continue;
        is_proven = true;
        if (!add(entry.perms, identity)) return std::unexpected(Error::bad_arguments);
      }
      if (!is_proven) return std::unexpected(Error::invalid_acl);
      continue;
    }
    if (entry.id.is_null()) {
      const bool reaches_provider = scheme == "world" || has_provider(scheme);
      return std::unexpected(reaches_provider ? Error::marshalling_error : Error::invalid_acl);
    }
    const bool is_world = scheme == "world" && entry.id.view() == "anyone";
    if (!is_world && !is_valid(scheme, entry.id.view())) return std::unexpected(Error::invalid_acl);
    if (!add(entry.perms, Id{entry.scheme.str(), base::java_decoded(entry.id.view())}))
      return std::unexpected(Error::bad_arguments);
  }
  return fixed;
}

std::string Schemes::user_name(const Id& id) {
  if (id.scheme == "super") return {};
  if (id.scheme == "digest") return id.id.substr(0, id.id.find(':'));
  return id.id;
}

}  // namespace quoll::auth
