#include "session/passwords.h"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/constant_time.h"
#include "session/session_id.h"

namespace quoll::session {

namespace {
constexpr std::size_t kHashedBytes = 16;
}

std::string Passwords::of(SessionId id) const {
  if (secret_.empty()) return password_of(id);
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(id.value()) >> (56 - 8 * i));
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  const auto* const made = HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes.data(),
                                bytes.size(), hash.data(), &length);
  QUOLL_CHECK(made != nullptr && length >= kHashedBytes, "OpenSSL supports HMAC-SHA-256");
  return {reinterpret_cast<const char*>(hash.data()), kHashedBytes};
}

bool Passwords::is_right(SessionId id, std::string_view password) const {
  return base::equal_in_constant_time(password, of(id)) && id.value() != 0;
}

}  // namespace quoll::session
