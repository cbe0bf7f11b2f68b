// Reads the server's key and the certificates that it trusts from the files operators of ZooKeeper already have.
//
// A file whose type is JKS or PKCS12 is read as what it holds: modern keytool writes PKCS12 under the name .jks, and
// Java opens either. Each error is one sentence: the file, what is wrong with it, and what to do. No error ever holds a
// password.
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
  std::string password;       // also that of the key inside, as in Java
  std::string password_path;  // a file that holds it; wins over `password`
};

// What a server or client shows of itself. The certificate belongs to the key; the chain goes from its issuer upwards.
struct Identity {
  KeyPtr key;
  CertificatePtr certificate;
  std::vector<CertificatePtr> chain;
};

using Certificates = std::vector<CertificatePtr>;

// The first private key of the file with its chain.
std::expected<Identity, std::string> load_key_store(env::Disk& disk, const StoreFile& file);

// Every trusted certificate of the file; at least one. From JKS the trusted entries; from PKCS12 those that keytool
// marked as trusted, or all of them when the file holds no key; from PEM all.
std::expected<Certificates, std::string> load_trust_store(env::Disk& disk, const StoreFile& file);

}  // namespace quoll::tls
