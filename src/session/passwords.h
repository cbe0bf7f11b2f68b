// The passwords that prove the ownership of sessions. By default a password is a function of the session id alone, as
// in Apache's server, so that a session can move between servers of both kinds; anyone who knows a session id can
// compute it. With a secret it is a keyed hash of the id, which nobody else can compute and which is the same after a
// restart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "types/ids.h"

namespace quoll::session {

class Passwords {
 public:
  static constexpr std::size_t kSecretBytes = 32;

  // The passwords of Apache's server.
  Passwords() = default;
  // `secret`: kSecretBytes from a secure generator.
  explicit Passwords(std::string secret) : secret_(std::move(secret)) {}

  // Returns 16 bytes.
  [[nodiscard]] std::string of(SessionId id) const;
  // Compares in constant time. A session id of 0 has no password.
  [[nodiscard]] bool is_right(SessionId id, std::string_view password) const;

 private:
  std::string secret_;  // empty: none
};

}  // namespace quoll::session
