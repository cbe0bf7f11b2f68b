// Reads PEM as ZooKeeper's PemReader does: one private key and certificates in one file, with any text between them.
#include <algorithm>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/narrow.h"
#include "tls/store_contents.h"

namespace quoll::tls {
namespace {

struct Asked {
  const std::string& password;
  enum { not_asked, given, missing } outcome = not_asked;
};

// Without this callback OpenSSL would prompt on the terminal.
int password_callback(char* buffer, int buffer_bytes, int /*writing*/, void* data) {
  auto& asked = *static_cast<Asked*>(data);
  if (asked.password.empty() || asked.password.size() > static_cast<std::size_t>(buffer_bytes)) {
    asked.outcome = Asked::missing;
    return -1;
  }
  asked.outcome = Asked::given;
  std::ranges::copy(asked.password, buffer);
  return base::narrow32(asked.password.size());
}

BioPtr bio_over(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), base::narrow32(bytes.size())));
}

bool ran_out_of_blocks() {
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

std::expected<KeyPtr, std::string> read_key(std::string_view bytes, const std::string& password) {
  if (!bytes.contains("PRIVATE KEY-----")) {
    return std::unexpected("it holds no private key; put key and certificates into this one file");
  }
  const BioPtr bio = bio_over(bytes);
  Asked asked{password};
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, password_callback, &asked));
  if (key) {
    ERR_clear_error();
    return key;
  }
  const std::string reason = openssl_reason();
  if (asked.outcome == Asked::missing) return std::unexpected("its private key is encrypted; set keyStore.password");
  if (asked.outcome == Asked::given) return std::unexpected("keyStore.password does not open its private key");
  return std::unexpected("its private key is broken: " + reason);
}

}  // namespace

std::expected<StoreContents, std::string> read_pem(std::string_view bytes, const std::string& password, Keys keys) {
  ERR_clear_error();
  StoreContents contents;
  if (keys == Keys::read) {
    auto key = read_key(bytes, password);
    if (!key) return std::unexpected(key.error());
    contents.keys.push_back(std::move(*key));
  }
  const BioPtr bio = bio_over(bytes);
  Asked asked{password};
  while (CertificatePtr certificate{PEM_read_bio_X509_AUX(bio.get(), nullptr, password_callback, &asked)}) {
    contents.certificates.push_back({std::move(certificate), Origin::trusted});
  }
  if (!ran_out_of_blocks()) {
    return std::unexpected(
        fmt::format("its certificate number {} is broken: {}", contents.certificates.size() + 1, openssl_reason()));
  }
  ERR_clear_error();
  return contents;
}

}  // namespace quoll::tls
