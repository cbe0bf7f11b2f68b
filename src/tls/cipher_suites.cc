#include "tls/cipher_suites.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <vector>

#include "tls/openssl.h"

namespace quoll::tls {
namespace {

// X509Util.java's for Java 9 and later, in its order, without those in CBC mode: a cipher that is authenticated last
// has been attacked too often (BEAST, Lucky 13, POODLE), and every client since 2014 has better ones.
std::vector<std::string> defaults() {
  return {
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_AES_256_GCM_SHA384",
      "TLS_AES_128_GCM_SHA256",
      "TLS_CHACHA20_POLY1305_SHA256",
  };
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_tls13(std::string_view name) {
  return name.starts_with("TLS_") && !name.contains("_WITH_");
}

void append(std::string& list, std::string_view name) {
  if (!list.empty()) list.push_back(':');
  list += name;
}

// Returns OpenSSL's name of a TLS 1.2 suite; empty if OpenSSL does not know it. `probe`: a context for trying names.
std::string openssl_name(SSL_CTX* probe, std::string name) {
  if (name.starts_with("SSL_")) name.replace(0, 4, "TLS_");
  if (name.starts_with("TLS_")) {
    const char* known = OPENSSL_cipher_name(name.c_str());
    return known == nullptr || *known == '(' ? std::string() : known;
  }
  // OpenSSL's own name. The check excludes OpenSSL's list operators and groups, which are not names of suites.
  const bool plain =
      name.find_first_of(":!+@-= ") != 0 && name.find_first_of(":!+@= ") == name.npos && name.contains('-');
  return plain && SSL_CTX_set_cipher_list(probe, name.c_str()) == 1 ? name : std::string();
}

}  // namespace

std::expected<CipherSuites, std::string> cipher_suites_from(std::span<const std::string> names) {
  const std::vector<std::string> ours = names.empty() ? defaults() : std::vector<std::string>();
  if (names.empty()) names = ours;
  const SslContextPtr probe(SSL_CTX_new(TLS_method()));
  CipherSuites suites;
  for (const std::string& raw : names) {
    const std::string name(trimmed(raw));
    if (is_tls13(name) && SSL_CTX_set_ciphersuites(probe.get(), name.c_str()) == 1) {
      append(suites.tls13, name);
    } else if (const std::string known = is_tls13(name) ? "" : openssl_name(probe.get(), name); !known.empty()) {
      append(suites.before_tls13, known);
    } else {
      ERR_clear_error();
      return std::unexpected(
          fmt::format("ssl.ciphersuites: \"{}\" is not offered by {}", name, OpenSSL_version(OPENSSL_VERSION)));
    }
  }
  ERR_clear_error();
  return suites;
}

}  // namespace quoll::tls
