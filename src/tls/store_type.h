// Which format a key store or trust store has: said by the operator, or guessed from the name as Java's
// KeyStoreFileType does.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace quoll::tls {

enum class StoreType { by_suffix, jks, pem, pkcs12, bcfks };

// Reads keyStore.type / trustStore.type: JKS, PEM, PKCS12, BCFKS in any case; empty: by_suffix. The error names the
// value.
std::expected<StoreType, std::string> store_type_from(std::string_view value);

// .jks .pem .p12 .bcfks, in lower case as Java wants them. The error names the file and says what to set.
std::expected<StoreType, std::string> store_type_by_suffix(std::string_view path);

}  // namespace quoll::tls
