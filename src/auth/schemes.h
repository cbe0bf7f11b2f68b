// Authentication and authorization with the schemes world, auth, ip, digest, sasl, x509, ensemble, key and super
// (org.apache.zookeeper.server.auth.*). Pure functions: no connection, no clock.
#pragma once

#include <expected>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/access_list.h"
#include "auth/identities.h"
#include "base/keyed_hash.h"
#include "base/nullable.h"
#include "types/acl.h"
#include "types/error.h"
#include "types/requests.h"

namespace quoll::auth {

struct Options {
  bool digest_enabled = true;
  std::string digest_algorithm = "SHA1";              // Java's name: SHA1, SHA-256, SHA3-256, MD5 ...
  std::string super_digest;                           // "super:base64"; empty: no super user
  bool sasl_enabled = false;                          // authProvider.N=...SASLAuthenticationProvider
  std::optional<std::string> any_sasl_user_id;        // letAnySaslUserDoX
  bool x509_enabled = false;                          // a secureClientPort, or authProvider.x509
  std::optional<std::string> x509_super_user;         // X509AuthenticationProvider.superUser
  bool ensemble_enabled = false;                      // authProvider.N=...EnsembleAuthenticationProvider
  std::set<std::string, std::less<>> ensemble_names;  // ensembleAuthName, comma separated
  bool key_enabled = false;                           // authProvider.N=...KeyAuthenticationProvider (Apache's example)
  bool skip_acl = false;                              // skipACL=yes
};

class Schemes {
 public:
  explicit Schemes(Options options, const base::HashKey& key = {}) : options_(std::move(options)), key_(key) {}

  // The identities that an auth packet proves. `peer_ip`: the client's address as Java prints it. `key_node`: the data
  // of /key, for scheme "key". An empty list means success without a new identity. The error is always auth_failed.
  [[nodiscard]] std::expected<Identities, Error> authenticate(std::string_view scheme, base::NullableView data,
                                                              std::string_view peer_ip,
                                                              base::NullableView key_node) const;

  // Whether one of the identities has at least one of the permissions in `perms`. The second overload compares each
  // entry with each identity; it is for short lists.
  [[nodiscard]] bool allows(const AccessList& acl, std::int32_t perms, const Identities& identities) const;
  [[nodiscard]] bool allows(const AclList& acl, std::int32_t perms, const Identities& identities) const;

  // Validates a list that a client wants to set and expands scheme "auth" to the client's own identities. Errors:
  // invalid_acl; marshalling_error for a null id (at which Apache's provider throws); bad_arguments as soon as the
  // result needs more than `bytes_max` bytes in a transaction.
  [[nodiscard]] std::expected<AclList, Error> fix_up(
      const AclViews& acl, const Identities& identities,
      std::size_t bytes_max = std::numeric_limits<std::size_t>::max()) const;

  // A readable name for an identity: the user of a digest, otherwise the id.
  [[nodiscard]] static std::string user_name(const Id& id);
  // False for a scheme without an authentication provider, such as "super".
  [[nodiscard]] bool has_provider(std::string_view scheme) const;
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  [[nodiscard]] bool is_valid(std::string_view scheme, std::string_view id) const;
  [[nodiscard]] bool matches(std::string_view scheme, std::string_view identity, std::string_view acl_id) const;
  [[nodiscard]] bool authenticates_users(std::string_view scheme) const;
  // For few entries and many identities.
  [[nodiscard]] bool allows_few(const AclList& entries, std::int32_t perms, const Identities& identities) const;
  [[nodiscard]] bool matches_any(const Id& entry, const Identities& identities) const;
  // What a long list grants to all identities together. The identities are checked one by one only once per list.
  [[nodiscard]] std::int32_t granted_to_many(const AccessList& acl, const Identities& identities) const;
  // What it grants to one of them.
  [[nodiscard]] std::int32_t granted(const AccessList::Compiled& acl, const HashedId& identity) const;
  [[nodiscard]] std::expected<Identities, Error> authenticate_digest(std::string_view data) const;

  Options options_;
  base::HashKey key_;
};

// Computes "user:base64(digest(user:password))" from "user:password"; nullopt if the algorithm is not available.
std::optional<std::string> digest_of(std::string_view user_password, const std::string& algorithm);

}  // namespace quoll::auth
