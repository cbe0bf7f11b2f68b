// What was found in a store's bytes, whatever its format, and the readers for the formats that OpenSSL knows.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "tls/openssl.h"

namespace quoll::tls {

enum class Standing {
  trusted,  // put there to be trusted
  shown,    // part of a key's chain
};

struct FoundCertificate {
  CertificatePtr certificate;
  Standing standing;
};

struct StoreContents {
  std::vector<KeyPtr> keys;  // in the file's order
  std::vector<FoundCertificate> certificates;
};

// The errors of the readers say what is wrong and what to do, without a file name and without a password.

// Certificates count as trusted, since PEM does not tell. Encrypted keys are opened with the password; keys are read
// only if asked for.
enum class Keys { read, skip };
std::expected<StoreContents, std::string> read_pem(std::string_view bytes, const std::string& password, Keys keys);

// RC2 and other ciphers of old files are opened with OpenSSL's legacy provider, loaded for this one call.
std::expected<StoreContents, std::string> read_pkcs12(std::string_view bytes, const std::string& password);

std::expected<StoreContents, std::string> read_jks(std::string_view bytes, const std::string& password, Keys keys);

// One certificate from its DER; nullptr when it is broken or something follows it.
CertificatePtr certificate_from(std::string_view der);

}  // namespace quoll::tls
