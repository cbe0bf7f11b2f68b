// Java's own key store format, JKS: the bytes, without files. Layout and ciphers as sun.security.provider.JavaKeyStore
// and KeyProtector have them; there is no other specification.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::tls {

inline constexpr std::uint32_t kJksMagic = 0xfeedfeed;
inline constexpr std::uint32_t kJceksMagic = 0xcececece;

struct JksKey {
  std::string alias;
  std::string protected_key;       // DER of EncryptedPrivateKeyInfo
  std::vector<std::string> chain;  // DER of certificates, the key's own first
};

struct JksStore {
  std::vector<JksKey> keys;
  std::vector<std::string> trusted;  // DER of certificates
};

// `bytes`: the whole file. An empty password is a password like any other. The error says what is wrong, without a file
// name.
std::expected<JksStore, std::string> parse_jks(std::string_view bytes, std::string_view password);

// Opens JksKey::protected_key (OID 1.3.6.1.4.1.42.2.17.1.1). The result is DER of PKCS #8.
std::expected<std::string, std::string> unprotect_jks_key(std::string_view protected_key, std::string_view password);

}  // namespace quoll::tls
