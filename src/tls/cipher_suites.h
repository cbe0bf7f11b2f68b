// Translates Java's cipher suite names into the two cipher lists of OpenSSL.
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

// Accepts Java's names (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; older ones begin with SSL_) and OpenSSL's names,
// surrounded by optional blanks. If `names` is empty, uses X509Util.java's list for Java 9 and later without its suites
// in CBC mode. The error names the first suite that OpenSSL does not support.
std::expected<CipherSuites, std::string> cipher_suites_from(std::span<const std::string> names);

}  // namespace quoll::tls
