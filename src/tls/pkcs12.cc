// Reads PKCS #12 bag by bag, because OpenSSL's PKCS12_parse does not report which certificates keytool marked as
// trusted.
#include <algorithm>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "base/narrow.h"
#include "tls/store_contents.h"

namespace quoll::tls {
namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, FreedBy<PKCS12_free>>;
using LibraryPtr = std::unique_ptr<OSSL_LIB_CTX, FreedBy<OSSL_LIB_CTX_free>>;
using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, FreedBy<OSSL_PROVIDER_unload>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreedBy<PKCS8_PRIV_KEY_INFO_free>>;

void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), FreedBy<free_safes>>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreedBy<free_bags>>;

enum class Problem { wrong_password, unsupported, broken };

// keytool adds this attribute to certificates imported as trusted. Java trusts no others.
bool has_trusted_key_usage(const PKCS12_SAFEBAG* bag) {
  const STACK_OF(X509_ATTRIBUTE)* attributes = PKCS12_SAFEBAG_get0_attrs(bag);
  for (int i = 0; i < sk_X509_ATTRIBUTE_num(attributes); ++i) {
    char oid[80] = {};
    OBJ_obj2txt(oid, sizeof oid, X509_ATTRIBUTE_get0_object(sk_X509_ATTRIBUTE_value(attributes, i)), 1);
    if (std::string_view(oid) == "2.16.840.1.113894.746875.1.1") return true;
  }
  return false;
}

class Reader {
 public:
  Reader(OSSL_LIB_CTX* library, const std::string& password) : library_(library), password_(password) {}

  std::expected<StoreContents, Problem> read(std::string_view bytes) {
    ERR_clear_error();
    PKCS12* raw = PKCS12_init_ex(NID_pkcs7_data, library_, nullptr);
    const BioPtr bio(BIO_new_mem_buf(bytes.data(), base::narrow32(bytes.size())));
    if (d2i_PKCS12_bio(bio.get(), &raw) == nullptr) {
      // OpenSSL has already freed the object and set the pointer to null.
      PKCS12_free(raw);
      return std::unexpected(Problem::broken);
    }
    const Pkcs12Ptr file(raw);
    if (PKCS12_mac_present(file.get()) && !verify_mac(file.get()))
      return std::unexpected(problem(Problem::wrong_password));
    const SafesPtr safes(PKCS12_unpack_authsafes(file.get()));
    if (!safes) return std::unexpected(problem(Problem::broken));
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      if (const auto read = safe(sk_PKCS7_value(safes.get(), i)); !read) return std::unexpected(read.error());
    }
    return std::move(contents_);
  }

 private:
  // An empty password may have been hashed as a null password. The form that the MAC confirms is used for the whole
  // file.
  bool verify_mac(PKCS12* file) {
    if (PKCS12_verify_mac(file, password_.c_str(), length()) == 1) return true;
    if (!password_.empty()) return false;
    no_password_ = true;
    return PKCS12_verify_mac(file, nullptr, 0) == 1;
  }

  std::expected<void, Problem> safe(PKCS7* safe) {
    BagsPtr bags;
    switch (OBJ_obj2nid(safe->type)) {
      case NID_pkcs7_data:
        bags.reset(PKCS12_unpack_p7data(safe));
        break;
      case NID_pkcs7_encrypted:
        bags.reset(PKCS12_unpack_p7encdata(safe, password(), length()));
        break;
      default:
        return {};
    }
    if (!bags) return std::unexpected(problem(Problem::broken));
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags.get()); ++i) {
      if (const auto read = this->bag(sk_PKCS12_SAFEBAG_value(bags.get(), i)); !read) return read;
    }
    return {};
  }

  std::expected<void, Problem> bag(const PKCS12_SAFEBAG* bag) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag:
        return key(PKCS12_SAFEBAG_get0_p8inf(bag));
      case NID_pkcs8ShroudedKeyBag: {
        const Pkcs8Ptr opened(PKCS12_decrypt_skey_ex(bag, password(), length(), library_, nullptr));
        return key(opened.get());
      }
      case NID_certBag: {
        CertificatePtr certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (!certificate) return std::unexpected(problem(Problem::broken));
        const Origin origin = has_trusted_key_usage(bag) ? Origin::trusted : Origin::from_key_chain;
        contents_.certificates.push_back({std::move(certificate), origin});
        return {};
      }
      default:
        return {};  // secrets and revocation lists are not used for TLS
    }
  }

  std::expected<void, Problem> key(const PKCS8_PRIV_KEY_INFO* info) {
    KeyPtr key(info == nullptr ? nullptr : EVP_PKCS82PKEY(info));
    if (!key) return std::unexpected(problem(Problem::broken));
    contents_.keys.push_back(std::move(key));
    return {};
  }

  [[nodiscard]] static Problem problem(Problem otherwise) {
    while (const unsigned long code = ERR_get_error()) {
      if (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED) otherwise = Problem::unsupported;
    }
    return otherwise;
  }
  [[nodiscard]] const char* password() const { return no_password_ ? nullptr : password_.c_str(); }
  [[nodiscard]] int length() const { return no_password_ ? 0 : base::narrow32(password_.size()); }

  OSSL_LIB_CTX* library_;
  const std::string& password_;
  bool no_password_ = false;
  StoreContents contents_;
};

// Old tools encrypt with ciphers that OpenSSL 3 keeps in its legacy provider. A separate library context keeps these
// ciphers out of TLS.
std::expected<StoreContents, Problem> read_with_legacy(std::string_view bytes, const std::string& password) {
  const LibraryPtr library(OSSL_LIB_CTX_new());
  const ProviderPtr ordinary(OSSL_PROVIDER_load(library.get(), "default"));
  const ProviderPtr legacy(OSSL_PROVIDER_load(library.get(), "legacy"));
  if (!ordinary || !legacy) return std::unexpected(Problem::unsupported);
  return Reader(library.get(), password).read(bytes);
}

}  // namespace

std::expected<StoreContents, std::string> read_pkcs12(std::string_view bytes, const std::string& password) {
  auto contents = Reader(nullptr, password).read(bytes);
  if (!contents && contents.error() == Problem::unsupported) contents = read_with_legacy(bytes, password);
  ERR_clear_error();
  if (contents) {
    // Only keytool marks trusted certificates. A file with neither keys nor marks was written by another tool, so all
    // its certificates are trusted.
    auto& found = contents->certificates;
    const bool marked = std::ranges::any_of(found, [](const auto& one) { return one.origin == Origin::trusted; });
    if (contents->keys.empty() && !marked) {
      for (auto& one : found) one.origin = Origin::trusted;
    }
    return std::move(*contents);
  }
  switch (contents.error()) {
    case Problem::wrong_password:
      return std::unexpected(
          "the password is wrong, or the file was changed after it was written; check its password setting");
    case Problem::unsupported:
      return std::unexpected(
          "it is encrypted with an old cipher that this OpenSSL does not offer; install its legacy provider, or "
          "rewrite "
          "the file with keytool "
          "-importkeystore -deststoretype PKCS12");
    case Problem::broken:
      break;
  }
  return std::unexpected("its contents are broken, or encrypted with another password than that of the file's MAC");
}

}  // namespace quoll::tls
