// Requests about who a client is: auth and sasl packets, which pass by the order of other requests, and the demand that
// a client prove itself before anything else (org.apache.zookeeper.server.AuthenticationHelper).
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/client_connection.h"
#include "server/core.h"

namespace quoll::server {

// One connection's SASL exchange on the server's side.
class SaslExchange {
 public:
  virtual ~SaslExchange() = default;
  // The next token for the client (nullopt: none), or why the exchange has failed, for the log.
  virtual std::expected<std::optional<std::string>, std::string> step(std::string_view token) = 0;
  [[nodiscard]] virtual bool is_complete() const = 0;
  [[nodiscard]] virtual std::string authorization_id() const = 0;
};
// nullptr factory: no SASL is configured; clients are told so by a null token.
using SaslFactory = std::function<std::unique_ptr<SaslExchange>()>;

class RequestAuth {
 public:
  explicit RequestAuth(Core& core) : core_(core) {}
  void set_sasl(SaslFactory factory) { sasl_ = std::move(factory); }

  // True: the request was about identity, or came from one who has not proven his; it has been dealt with.
  bool handled(ClientConnection& from, const RequestHeader& header, std::string_view body);
  // Identities that the transport itself proves (a client's certificate). False: refused and closed.
  bool admit_transport(ClientConnection& from);
  void forget(ConnectionId id) { exchanges_.erase(id); }

 private:
  void on_auth(ClientConnection& from, const RequestHeader& header, std::string_view body);
  void on_sasl(ClientConnection& from, const RequestHeader& header, std::string_view body);
  void sasl_failed(ClientConnection& from, const RequestHeader& header, std::string_view why);
  void add_identity(ClientConnection& to, const Id& id);
  // An auth packet by which the client may prove who it is, as enforce.auth.schemes demands.
  [[nodiscard]] bool is_of_enforced_scheme(std::string_view auth_body) const;
  // With those of `more` that it does not have yet it has no more than limits allow.
  [[nodiscard]] bool may_have(const ClientConnection& connection, const auth::Identities& more) const;
  [[nodiscard]] bool has_proven_itself(const ClientConnection& connection) const;

  Core& core_;
  SaslFactory sasl_;
  std::unordered_map<ConnectionId, std::unique_ptr<SaslExchange>> exchanges_;
};

}  // namespace quoll::server
