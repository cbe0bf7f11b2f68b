// Validates ids: Kerberos principals for sasl, distinguished names for x509, user:hash for digest.
#pragma once

#include <string_view>

namespace quoll::auth {

// primary[/instance][@realm] (org.apache.zookeeper.server.auth.KerberosName). Any text without '@' is valid as a short
// name.
bool is_kerberos_name(std::string_view name);
// attribute=value pairs separated by commas, semicolons or plus signs, as javax.security.auth.x500.X500Principal parses
// them.
bool is_distinguished_name(std::string_view name);
// Exactly two parts separated by ':', where empty parts at the end do not count, as in Java's String.split.
bool is_digest_id(std::string_view id);

}  // namespace quoll::auth
