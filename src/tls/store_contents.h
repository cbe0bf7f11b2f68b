// The content of a key store in any format, and the readers for the formats that OpenSSL supports.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl.h"

namespace quoll::tls {

enum class Origin {
  trusted,         // stored as a trusted certificate
  from_key_chain,  // part of a key's chain
};

struct FoundCertificate {
  CertificatePtr certificate;
  Origin origin;
};

struct StoreContents {
  std::vector<KeyPtr> keys;  // in file order
  std::vector<FoundCertificate> certificates;
};

// The readers' errors name the problem and the remedy, without a file name and without a password.

// All certificates count as trusted, since PEM does not say. Encrypted keys are decrypted with the password. Keys are
// read only if requested.
enum class Keys { read, skip };
std::expected<StoreContents, std::string> read_pem(std::string_view bytes, const std::string& password, Keys keys);

// RC2 and other old ciphers are decrypted with OpenSSL's legacy provider, which is loaded for this call only.
std::expected<StoreContents, std::string> read_pkcs12(std::string_view bytes, const std::string& password);

std::expected<StoreContents, std::string> read_jks(std::string_view bytes, const std::string& password, Keys keys);

// Parses one certificate in DER; nullptr if it is malformed or followed by other bytes.
CertificatePtr certificate_from(std::string_view der);

}  // namespace quoll::tls
