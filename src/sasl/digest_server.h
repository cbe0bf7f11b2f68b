// The server's side of SASL DIGEST-MD5 (RFC 2831) for one connection. It sends the same challenge and accepts and
// refuses the same tokens as Java's. Why it is written here and not taken from Cyrus:
// docs/decisions/0003-digest-md5.md.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sasl/jaas.h"

namespace quoll::sasl {

// The users who may log in. All connections of a server share it; it must not change while they use it.
struct DigestConfig {
  Users users;
  // zookeeper.SASLAuthenticationProvider.superPassword: replaces the password of the user "super", who must still be
  // listed in `users`, as in SaslServerCallbackHandler.java.
  std::optional<std::string> super_password;
  std::string protocol = "zookeeper";
  std::string server_name = "zk-sasl-md5";  // also the realm
};

// Returns a string of `bytes` unpredictable bytes.
using NonceSource = std::function<std::string(std::size_t bytes)>;

struct Failure {
  std::string reason;  // for the log only: the client learns that it failed, not why
};

class DigestServer {
 public:
  // The longest token that is parsed, as in Java's DigestMD5Base.
  static constexpr std::size_t kTokenBytesMax = 4096;

  // `config` must outlive the DigestServer.
  DigestServer(const DigestConfig& config, NonceSource nonces);

  // The first token, usually empty, is ignored; the result is the challenge. The second token is the client's response;
  // the result is the server's response (rspauth). After that, or after a failure, each step fails.
  std::expected<std::string, Failure> step(std::string_view token);

  [[nodiscard]] bool complete() const { return stage_ == Stage::complete; }
  // The authenticated user, for the id sasl:<user>; empty until complete. An authorization id sent by the client is
  // hashed into the response but has no other effect: ZooKeeper always uses the user's own name.
  [[nodiscard]] const std::string& authorization_id() const { return authorization_id_; }

 private:
  enum class Stage { start, challenged, complete, failed };

  std::string challenge();
  std::expected<std::string, Failure> verify(std::string_view token);

  const DigestConfig& config_;
  NonceSource nonces_;
  Stage stage_ = Stage::start;
  std::string nonce_;
  std::string authorization_id_;
};

}  // namespace quoll::sasl
