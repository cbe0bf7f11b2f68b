// Cipher suites by Java's names, sorted into the two lists that OpenSSL keeps.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace quoll::tls {

struct CipherSuites {
  std::string before_tls13;  // for SSL_CTX_set_cipher_list; empty: none
  std::string tls13;         // for SSL_CTX_set_ciphersuites; empty: none
};

// Java's names (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, or with SSL_ for old ones) or OpenSSL's, blanks around them
// passed over; none: the list of X509Util.java for Java 9 and later. An error names the first one that OpenSSL does not
// know.
std::expected<CipherSuites, std::string> cipher_suites_from(std::span<const std::string> names);

}  // namespace quoll::tls
