// The client's side of SASL DIGEST-MD5 (RFC 2831) for one connection: how a server proves to another one who it is. It
// sends what Java's client sends, and believes a server only after the server's own proof.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "sasl/digest_server.h"
#include "sasl/jaas.h"

namespace quoll::sasl {

class DigestClient {
 public:
  // `protocol` and `server_name` are those of the DigestServer's configuration.
  DigestClient(Login login, std::string protocol, std::string server_name, NonceSource nonces);

  // The first token is the server's challenge; the result is this side's response. The second is the server's proof
  // (rspauth); the result is empty and complete() is true. After that, or after a failure, each step fails.
  std::expected<std::string, Failure> step(std::string_view token);

  [[nodiscard]] bool complete() const { return stage_ == Stage::complete; }
  [[nodiscard]] const std::string& username() const { return login_.username; }

 private:
  enum class Stage { start, answered, complete, failed };

  std::expected<std::string, Failure> answer(std::string_view challenge);
  std::expected<std::string, Failure> check(std::string_view proof) const;

  const Login login_;
  const std::string protocol_;
  const std::string server_name_;
  NonceSource nonces_;
  Stage stage_ = Stage::start;
  std::string expected_;  // the server's proof
};

}  // namespace quoll::sasl
