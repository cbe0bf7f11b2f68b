// Parses JKS, Java's own key store format. The layout and the cipher follow sun.security.provider.JavaKeyStore and
// KeyProtector; there is no other specification.
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

// `bytes`: the whole file. An empty password is valid. The error says what is wrong, without a file name.
std::expected<JksStore, std::string> parse_jks(std::string_view bytes, std::string_view password);

// Decrypts JksKey::protected_key (OID 1.3.6.1.4.1.42.2.17.1.1). Returns the key as PKCS #8 DER.
std::expected<std::string, std::string> unprotect_jks_key(std::string_view protected_key, std::string_view password);

}  // namespace quoll::tls
