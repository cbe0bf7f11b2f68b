// Which texts are names in a scheme: Kerberos principals for sasl, distinguished names for x509, user:hash for digest.
#pragma once

#include <string_view>

namespace quoll::auth {

// primary[/instance][@realm] (org.apache.zookeeper.server.auth.KerberosName); any text without '@' is a short name.
bool is_kerberos_name(std::string_view name);
// attribute=value pairs joined by commas, semicolons or pluses, as javax.security.auth.x500.X500Principal reads them.
bool is_distinguished_name(std::string_view name);
// Exactly two parts around ':' as Java's split counts them: empty parts at the end don't count.
bool is_digest_id(std::string_view id);

}  // namespace quoll::auth
