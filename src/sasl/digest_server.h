// The server's side of SASL DIGEST-MD5 (RFC 2831) for one connection, with Java's answers: same challenge, same rules,
// same refusals. Why it is written here and not taken from Cyrus: docs/decisions/0003-digest-md5.md.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sasl/jaas.h"

namespace quoll::sasl {

// Who may log in; shared by all connections of a server, and not changed while they use it.
struct DigestConfig {
  Users users;
  // zookeeper.SASLAuthenticationProvider.superPassword: wins over the password of the user "super", who must be among
  // the users all the same, as in SaslServerCallbackHandler.java.
  std::optional<std::string> super_password;
  std::string protocol = "zookeeper";
  std::string server_name = "zk-sasl-md5";  // realm too
};

// Fills a string of so many bytes with unpredictable ones.
using NonceSource = std::function<std::string(std::size_t bytes)>;

struct Failure {
  std::string reason;  // for the log; the client is told no more than that it failed
};

class DigestServer {
 public:
  // Longest token that is looked at, as in Java's DigestMD5Base.
  static constexpr std::size_t kTokenBytesMax = 4096;

  // `config` outlives the server.
  DigestServer(const DigestConfig& config, NonceSource nonces);

  // The first token, usually empty, is ignored and answered with the challenge; the second is the client's proof and is
  // answered with ours (rspauth). After that, or after a failure, each step fails.
  std::expected<std::string, Failure> step(std::string_view token);

  [[nodiscard]] bool complete() const { return stage_ == Stage::complete; }
  // The user who proved to be one, for the id sasl:<user>; empty before. An authorization id that the client asks for
  // besides takes part in the proof and is otherwise passed over: ZooKeeper always sets the user's own name.
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
