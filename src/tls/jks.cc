#include "tls/jks.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/constant_time.h"
#include "tls/openssl.h"
#include "tls/password.h"

namespace quoll::tls {
namespace {

constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kEntriesMax = 10'000;
constexpr std::size_t kChainMax = 100;

constexpr const char* kWrongPassword =
    "the password is wrong, or the file was changed after it was written; check keyStore/trustStore.password";

std::string sha1(std::string_view a, std::string_view b, std::string_view c = {}) {
  std::string digest(kSha1Bytes, '\0');
  const std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr);
  for (const std::string_view part : {a, b, c}) EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

// Reads big-endian fields. Once a field exceeds the input, all later fields are empty and ok() is false.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::uint64_t number(std::size_t count) {
    std::uint64_t value = 0;
    for (const char byte : take(count)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view text() { return take(number(2)); }
  std::string_view blob() { return take(number(4)); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

std::string_view certificate(Fields& fields, std::uint64_t version) {
  if (version == 2) fields.text();  // always "X.509"
  return fields.blob();
}

std::expected<JksStore, std::string> entries(Fields& fields, std::uint64_t version) {
  const auto broken = [](std::string_view what) {
    return std::unexpected(fmt::format("the JKS file is broken: {}", what));
  };
  JksStore store;
  const std::uint64_t count = fields.number(4);
  if (count > kEntriesMax) return broken("it claims more entries than are possible");
  for (std::uint64_t i = 0; i < count && fields.ok(); ++i) {
    const std::uint64_t tag = fields.number(4);
    const std::string_view alias = fields.text();
    fields.number(8);  // the time when it was added
    if (tag == 1) {
      JksKey key{std::string(alias), std::string(fields.blob()), {}};
      const std::uint64_t links = fields.number(4);
      if (links > kChainMax) return broken("a chain claims more certificates than are possible");
      for (std::uint64_t link = 0; link < links; ++link) key.chain.emplace_back(certificate(fields, version));
      store.keys.push_back(std::move(key));
    } else if (tag == 2) {
      store.trusted.emplace_back(certificate(fields, version));
    } else if (fields.ok()) {
      return broken("an entry is neither key nor certificate");
    }
  }
  if (!fields.ok()) return broken("it ends in the middle of an entry");
  if (!fields.at_end()) return broken("bytes follow its last entry");
  return store;
}

}  // namespace

std::expected<JksStore, std::string> parse_jks(std::string_view bytes, std::string_view password) {
  if (bytes.size() < 12 + kSha1Bytes) return std::unexpected("the file is too short for a JKS key store");
  const std::string_view body = bytes.substr(0, bytes.size() - kSha1Bytes);
  Fields fields(body);
  const std::uint64_t magic = fields.number(4);
  if (magic == kJceksMagic) {
    return std::unexpected(
        "it is a JCEKS key store, which is not offered; convert it with keytool -importkeystore -deststoretype PKCS12");
  }
  if (magic != kJksMagic) return std::unexpected("it is not a JKS key store");
  const std::uint64_t version = fields.number(4);
  if (version != 1 && version != 2) return std::unexpected(fmt::format("version {} of JKS is unknown", version));
  if (!base::equal_in_constant_time(sha1(utf16_of(password), "Mighty Aphrodite", body), bytes.substr(body.size()))) {
    return std::unexpected(kWrongPassword);
  }
  return entries(fields, version);
}

std::expected<std::string, std::string> unprotect_jks_key(std::string_view protected_key, std::string_view password) {
  const auto* der = reinterpret_cast<const unsigned char*>(protected_key.data());
  const std::unique_ptr<X509_SIG, FreedBy<X509_SIG_free>> info(
      d2i_X509_SIG(nullptr, &der, static_cast<long>(protected_key.size())));
  if (!info) return std::unexpected("the private key inside is broken: " + openssl_reason());
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* sealed = nullptr;
  X509_SIG_get0(info.get(), &algorithm, &sealed);
  char oid[80] = {};
  OBJ_obj2txt(oid, sizeof oid, algorithm->algorithm, 1);
  if (std::string_view(oid) != "1.3.6.1.4.1.42.2.17.1.1") {
    return std::unexpected(fmt::format("the private key is protected by {}, which JKS files do not use", oid));
  }
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(sealed)),
                               static_cast<std::size_t>(ASN1_STRING_length(sealed)));
  if (bytes.size() < 2 * kSha1Bytes) return std::unexpected("the private key inside is broken: it is too short");

  // Layout: salt, key XOR key stream, check sum. Each block of the key stream is the SHA-1 of the password and the
  // previous block; the block before the first is the salt.
  const std::string secret = utf16_of(password);
  std::string key(bytes.substr(kSha1Bytes, bytes.size() - 2 * kSha1Bytes));
  std::string block(bytes.substr(0, kSha1Bytes));
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (i % kSha1Bytes == 0) block = sha1(secret, block);
    key[i] = static_cast<char>(key[i] ^ block[i % kSha1Bytes]);
  }
  if (!base::equal_in_constant_time(sha1(secret, key), bytes.substr(bytes.size() - kSha1Bytes))) {
    return std::unexpected(
        "the password of the store does not open the key inside; give both the same one (keytool -keypasswd)");
  }
  return key;
}

}  // namespace quoll::tls
