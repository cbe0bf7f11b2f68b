// The sums of DIGEST-MD5 (RFC 2831, section 2.1.2.1), which prove that both sides know the password.
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
  std::optional<std::string_view> authzid;  // given, though perhaps empty: takes part
};

enum class Speaker { client, server };

// 32 hex digits, for qop auth and the first use of the nonce; a server's have no AUTHENTICATE in them.
std::string digest_response(const DigestInputs& inputs, Speaker speaker);

// What goes into the first sum: Latin-1 where every character of the text is in it, else the UTF-8 itself. Malformed
// bytes become U+FFFD, as they do for Java.
std::string latin1_or_utf8(std::string_view utf8);

}  // namespace quoll::sasl
