// Computes the response hashes of DIGEST-MD5 (RFC 2831, section 2.1.2.1), with which both sides prove that they know
// the password.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quoll::sasl {

struct DigestInputs {
  std::string_view username;  // UTF-8
  std::string_view realm;
  std::string_view password;
  std::string_view nonce;
  std::string_view cnonce;
  std::string_view digest_uri;
  std::optional<std::string_view> authzid;  // nullopt: not sent; an empty one is hashed as well
};

enum class Side { client, server };

// Returns 32 hex digits, for qop=auth and the first use of the nonce. The server's response is computed without the
// word AUTHENTICATE.
std::string digest_response(const DigestInputs& inputs, Side side);

// Encodes a user name, realm or password for the first hash: as Latin-1 if all its characters exist there, otherwise as
// UTF-8. Malformed bytes become U+FFFD, as in Java.
std::string latin1_or_utf8(std::string_view utf8);

}  // namespace quoll::sasl
