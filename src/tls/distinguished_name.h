// Subjects of certificates, printed as Java's X500Principal.getName() does: ids of the x509 scheme in ACLs are these
// strings.
#pragma once

#include <openssl/x509.h>
#include <string>

namespace quoll::tls {

// RFC 2253 in Java's reading (sun.security.x509.AVA): most specific part first; CN, C, L, ST, O, OU, STREET, DC and UID
// by keyword, any other attribute as OID=#hex of its DER; a backslash before , = + < > # ; " \ wherever they stand, and
// before leading and trailing spaces. An empty name gives "".
std::string rfc2253(const X509_NAME* name);

}  // namespace quoll::tls
