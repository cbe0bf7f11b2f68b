#include "sasl/digest_response.h"

#include <array>
#include <fmt/format.h>
#include <initializer_list>
#include <memory>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/utf8.h"

namespace quoll::sasl {
namespace {

constexpr std::string_view kFirstUse = "00000001";

// MD5 of the parts joined by colons.
std::string md5(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view& part : parts) {
    if (&part != parts.begin()) joined.push_back(':');
    joined += part;
  }
  std::string digest(16, '\0');
  // A FIPS provider has no MD5. An operator who configured one does not want it.
  QUOLL_CHECK(EVP_Digest(joined.data(), joined.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                         EVP_md5(), nullptr) == 1,
              "OpenSSL offers no MD5, so SASL DIGEST-MD5 cannot be offered");
  return digest;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

}  // namespace

std::string latin1_or_utf8(std::string_view utf8) {
  std::string latin1;
  std::string repaired;  // the text with malformed bytes replaced
  bool fits = true;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const auto point = base::next_code_point(utf8, at);
    repaired += point ? utf8.substr(begin, at - begin) : "\xef\xbf\xbd";
    fits = fits && point && *point <= 0xff;
    if (fits) latin1.push_back(static_cast<char>(*point));
  }
  return fits ? latin1 : repaired;
}

std::string digest_response(const DigestInputs& inputs, Side side) {
  const std::string secret =
      md5({latin1_or_utf8(inputs.username), latin1_or_utf8(inputs.realm), latin1_or_utf8(inputs.password)});
  const std::string a1 = inputs.authzid ? md5({secret, inputs.nonce, inputs.cnonce, *inputs.authzid})
                                        : md5({secret, inputs.nonce, inputs.cnonce});
  const std::string a2 = md5({side == Side::client ? "AUTHENTICATE" : "", inputs.digest_uri});
  return hex(md5({hex(a1), inputs.nonce, kFirstUse, inputs.cnonce, "auth", hex(a2)}));
}

}  // namespace quoll::sasl
