#include "tls/key_store.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "tls/jks.h"
#include "tls/password.h"
#include "tls/read_file.h"
#include "tls/store_contents.h"

namespace quoll::tls {
namespace {

bool starts_with_magic(std::string_view bytes, std::uint32_t magic) {
  std::uint32_t first = 0;
  for (const char byte : bytes.substr(0, 4)) first = first << 8 | static_cast<unsigned char>(byte);
  return bytes.size() >= 4 && first == magic;
}

std::expected<StoreContents, std::string> read_binary(std::string_view bytes, const std::string& password, Keys keys) {
  if (starts_with_magic(bytes, kJksMagic) || starts_with_magic(bytes, kJceksMagic))
    return read_jks(bytes, password, keys);
  if (bytes.starts_with('\x30')) return read_pkcs12(bytes, password);
  if (bytes.find("-----BEGIN ") != bytes.npos) return std::unexpected("it is a PEM file; set the store's type to PEM");
  return std::unexpected(bytes.empty() ? "it is empty" : "it is neither JKS nor PKCS12");
}

std::expected<StoreContents, std::string> read_store(std::string_view bytes, StoreType type,
                                                     const std::string& password, Keys keys) {
  if (type == StoreType::pem) return read_pem(bytes, password, keys);
  if (type == StoreType::bcfks) {
    return std::unexpected(
        "BCFKS key stores are not offered; convert it with keytool -importkeystore -deststoretype PKCS12");
  }
  return read_binary(bytes, password, keys);
}

std::expected<StoreContents, std::string> load(env::Disk& disk, const StoreFile& file, Keys keys) {
  StoreType type = file.type;
  if (type == StoreType::by_suffix) {
    const auto guessed = store_type_by_suffix(file.path);
    if (!guessed) return std::unexpected(guessed.error());
    type = *guessed;
  }
  auto password = password_from(disk, file.password, file.password_path);
  if (!password) return std::unexpected(password.error());
  const auto bytes = read_file(disk, file.path, kStoreBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  auto contents = read_store(*bytes, type, *password, keys);
  OPENSSL_cleanse(password->data(), password->size());
  if (!contents) return std::unexpected(fmt::format("{}: {}", file.path, contents.error()));
  return contents;
}

// Removes the first certificate of `found` that satisfies the predicate and returns it; null if there is none.
template <typename Fits>
CertificatePtr take(std::vector<FoundCertificate>& found, Fits fits) {
  const auto it = std::ranges::find_if(found, [&](const auto& one) { return fits(one.certificate.get()); });
  if (it == found.end()) return nullptr;
  CertificatePtr taken = std::move(it->certificate);
  found.erase(it);
  return taken;
}

bool issued_itself(X509* certificate) {
  return X509_check_issued(certificate, certificate) == X509_V_OK;
}

}  // namespace

CertificatePtr certificate_from(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return at == end ? std::move(certificate) : nullptr;
}

std::expected<StoreContents, std::string> read_jks(std::string_view bytes, const std::string& password, Keys keys) {
  const auto store = parse_jks(bytes, password);
  if (!store) return std::unexpected(store.error());
  StoreContents contents;
  const auto add = [&](std::string_view der, Origin origin) {
    CertificatePtr certificate = certificate_from(der);
    if (!certificate) return false;
    contents.certificates.push_back({std::move(certificate), origin});
    return true;
  };
  for (const JksKey& entry : store->keys) {
    if (keys == Keys::skip) break;
    const auto der = unprotect_jks_key(entry.protected_key, password);
    if (!der) return std::unexpected(der.error());
    const auto* at = reinterpret_cast<const unsigned char*>(der->data());
    KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der->size())));
    if (!key) return std::unexpected("the private key inside cannot be used: " + openssl_reason());
    contents.keys.push_back(std::move(key));
    for (const std::string& link : entry.chain) {
      if (!add(link, Origin::from_key_chain)) return std::unexpected("a certificate of the key's chain is broken");
    }
  }
  for (const std::string& one : store->trusted) {
    if (!add(one, Origin::trusted)) return std::unexpected("a trusted certificate is broken");
  }
  return contents;
}

std::expected<Identity, std::string> load_key_store(env::Disk& disk, const StoreFile& file) {
  auto contents = load(disk, file, Keys::read);
  if (!contents) return std::unexpected(contents.error());
  if (contents->keys.empty()) {
    return std::unexpected(fmt::format("{}: it holds no private key; is it a trust store?", file.path));
  }
  Identity identity;
  identity.key = std::move(contents->keys.front());
  auto& found = contents->certificates;
  identity.certificate = take(found, [&](X509* one) { return X509_check_private_key(one, identity.key.get()) == 1; });
  ERR_clear_error();
  if (!identity.certificate) {
    return std::unexpected(
        fmt::format("{}: none of its {} certificates belongs to its private key", file.path, found.size()));
  }
  // The peer must have the root itself, so sending it would only make the handshake longer.
  X509* last = identity.certificate.get();
  while (!issued_itself(last)) {
    CertificatePtr issuer = take(found, [&](X509* one) { return X509_check_issued(one, last) == X509_V_OK; });
    if (!issuer || issued_itself(issuer.get())) break;
    last = issuer.get();
    identity.chain.push_back(std::move(issuer));
  }
  ERR_clear_error();
  return identity;
}

std::expected<Certificates, std::string> load_trust_store(env::Disk& disk, const StoreFile& file) {
  auto contents = load(disk, file, Keys::skip);
  if (!contents) return std::unexpected(contents.error());
  Certificates trusted;
  for (FoundCertificate& one : contents->certificates) {
    if (one.origin == Origin::trusted) trusted.push_back(std::move(one.certificate));
  }
  if (trusted.empty()) {
    return std::unexpected(
        fmt::format("{}: it holds no trusted certificate; add one with keytool -importcert", file.path));
  }
  return trusted;
}

}  // namespace quoll::tls
