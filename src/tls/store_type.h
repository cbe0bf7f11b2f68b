// The format of a key store or trust store: as configured, or derived from the file name as in Java's KeyStoreFileType.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace quoll::tls {

enum class StoreType { by_suffix, jks, pem, pkcs12, bcfks };

// Parses keyStore.type / trustStore.type: JKS, PEM, PKCS12 or BCFKS in any case; empty: by_suffix. The error names the
// value.
std::expected<StoreType, std::string> store_type_from(std::string_view value);

// .jks, .pem, .p12 or .bcfks, in lower case as in Java. The error names the file and the key to set.
std::expected<StoreType, std::string> store_type_by_suffix(std::string_view path);

}  // namespace quoll::tls
