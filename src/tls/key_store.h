// Loads the server's key and the trusted certificates from the key store files that ZooKeeper operators use.
//
// For the types JKS and PKCS12 the content decides the format, because modern keytool writes PKCS12 into .jks files and
// Java opens either. An error is one sentence with the file, the problem and the remedy, and never contains a password.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "env/disk.h"
#include "tls/openssl.h"
#include "tls/store_type.h"

namespace quoll::tls {

// A file larger than this is refused before it is read.
inline constexpr std::int64_t kStoreBytesMax = 16 * 1024 * 1024;

struct StoreFile {
  std::string path;  // empty: none
  StoreType type = StoreType::by_suffix;
  std::string password;       // of the store and of the key inside, as in Java
  std::string password_path;  // a file that contains the password; takes precedence over `password`
};

// What one side presents to its peer. The certificate belongs to the key; the chain continues from its issuer upwards.
struct Identity {
  KeyPtr key;
  CertificatePtr certificate;
  std::vector<CertificatePtr> chain;
};

using Certificates = std::vector<CertificatePtr>;

// Loads the first private key of the file and its certificate chain.
std::expected<Identity, std::string> load_key_store(env::Disk& disk, const StoreFile& file);

// Loads all trusted certificates of the file, at least one. From JKS: the trusted entries. From PKCS12: the
// certificates that keytool marked as trusted, or all if the file contains no key. From PEM: all.
std::expected<Certificates, std::string> load_trust_store(env::Disk& disk, const StoreFile& file);

}  // namespace quoll::tls
