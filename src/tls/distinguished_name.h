// Formats certificate subjects as Java's X500Principal.getName() does. The results are the ids of the x509 scheme in
// ACLs.
#pragma once

#include <openssl/x509.h>
#include <string>

namespace quoll::tls {

// RFC 2253 as Java implements it (sun.security.x509.AVA): most specific part first; CN, C, L, ST, O, OU, STREET, DC and
// UID by keyword, other attributes as OID=#hex of their DER; a backslash before , = + < > # ; " \ anywhere, and before
// leading and trailing spaces. Returns "" for an empty name.
std::string rfc2253(const X509_NAME* name);

}  // namespace quoll::tls
