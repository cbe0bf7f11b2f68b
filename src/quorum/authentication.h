// SASL between servers, as a step function: how a server that connects proves to the other who it is, on the election
// port behind its hello and on the quorum port before its first packet
// (org.apache.zookeeper.server.quorum.auth.SaslQuorumAuthLearner, SaslQuorumAuthServer).
//
//   connects                         accepts
//   empty token        ──────────>
//                      <──────────   in progress, challenge
//   response           ──────────>
//                      <──────────   success, the accepting server's own proof; or error, and it closes
//
// The mechanism is DIGEST-MD5. Both look at what the connection has received and say what is to be sent; time and the
// connection are their owner's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sasl/digest_client.h"
#include "sasl/digest_server.h"
#include "sasl/jaas.h"

namespace quoll::quorum {

inline constexpr std::string_view kSaslProtocol = "zookeeper-quorum";
inline constexpr std::string_view kSaslServerName = "zk-quorum-sasl-md5";

// quorum.auth.*. It must not change while connections use it.
struct Authentication {
  // Who may connect to this server: the users of quorum.auth.server.saslLoginContext.
  sasl::DigestConfig accepts{.users = {},
                             .super_password = {},
                             .protocol = std::string(kSaslProtocol),
                             .server_name = std::string(kSaslServerName)};
  // quorum.auth.serverRequireSasl. If false, a server that does not authenticate, or fails to, is let in all the same.
  bool is_required = true;
  // As whom this server connects: quorum.auth.learner.saslLoginContext. nullopt: it connects without SASL
  // (quorum.auth.learnerRequireSasl=false).
  std::optional<sasl::Login> connects_as;
  sasl::NonceSource nonces;
};

enum class AuthVerdict {
  pending,  // more must be received
  passed,   // what is left of the input belongs to the protocol
  refused,  // the connection must end; why() says why
};

// The side of the server that was connected to.
class AuthAcceptor {
 public:
  // `authentication` must outlive this object.
  explicit AuthAcceptor(const Authentication& authentication);

  // Takes what it needs from the front of `in`, and appends to `out` what must be sent, also when it refuses.
  [[nodiscard]] AuthVerdict take(std::string& in, std::string& out);
  // Nothing more will be received, or not in time: whether the other server is let in without authentication.
  [[nodiscard]] AuthVerdict take_silence();

  // The name that the other server has proven; empty: none.
  [[nodiscard]] const std::string& user() const { return server_.authorization_id(); }
  // Why it was refused, or let in without a name.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  AuthVerdict fail(std::string why, std::string& out);

  const Authentication& authentication_;
  sasl::DigestServer server_;
  bool has_begun_ = false;  // the other server authenticates
  std::string why_;
};

// The side of the server that connects.
class AuthInitiator {
 public:
  // `authentication` must outlive this object and have a login. Appends to `out` what must be sent first.
  AuthInitiator(const Authentication& authentication, std::string& out);

  [[nodiscard]] AuthVerdict take(std::string& in, std::string& out);
  [[nodiscard]] const std::string& user() const { return client_.username(); }
  [[nodiscard]] const std::string& why() const { return why_; }
  // Why it is over when the connection has ended in the middle of it.
  [[nodiscard]] static std::string why_ended(std::string_view why);

 private:
  AuthVerdict fail(std::string why);

  sasl::DigestClient client_;
  std::string why_;
};

}  // namespace quoll::quorum
