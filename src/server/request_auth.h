// Handles auth and sasl packets, which are processed out of order with other requests, and enforces authentication
// before other requests (org.apache.zookeeper.server.AuthenticationHelper).
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

// The server's side of one connection's SASL exchange.
class SaslExchange {
 public:
  virtual ~SaslExchange() = default;
  // Returns the next token for the client (nullopt: none), or the reason of a failure, for the log.
  virtual std::expected<std::optional<std::string>, std::string> step(std::string_view token) = 0;
  [[nodiscard]] virtual bool is_complete() const = 0;
  [[nodiscard]] virtual std::string authorization_id() const = 0;
};
// If the factory is empty, SASL is not configured; clients get a null token.
using SaslFactory = std::function<std::unique_ptr<SaslExchange>()>;

class RequestAuth {
 public:
  RequestAuth(const Core& core, ServerStats& stats) : core_(core), stats_(stats) {}
  void set_sasl(SaslFactory factory) { sasl_ = std::move(factory); }

  // True: the request was an auth or sasl packet, or its client must authenticate first. It has been handled.
  bool handled(ClientConnection& from, const RequestHeader& header, std::string_view body);
  // Adds the identities that the transport proves (a client's certificate). False: the connection was refused and
  // closed.
  bool admit_transport(ClientConnection& from);
  void forget(ConnectionId id) { exchanges_.erase(id); }

 private:
  void on_auth(ClientConnection& from, const RequestHeader& header, std::string_view body);
  void on_sasl(ClientConnection& from, const RequestHeader& header, std::string_view body);
  void sasl_failed(ClientConnection& from, const RequestHeader& header, std::string_view why);
  void add_identity(ClientConnection& to, const Id& id);
  // An auth packet by which the client may prove who it is, as enforce.auth.schemes demands.
  [[nodiscard]] bool is_of_enforced_scheme(std::string_view auth_body) const;
  // Whether the connection stays within the limits if those of `more` that it does not have are added.
  [[nodiscard]] bool may_have(const ClientConnection& connection, const auth::Identities& more) const;
  [[nodiscard]] bool has_proven_itself(const ClientConnection& connection) const;

  const Core& core_;
  ServerStats& stats_;
  SaslFactory sasl_;
  std::unordered_map<ConnectionId, std::unique_ptr<SaslExchange>> exchanges_;
};

}  // namespace quoll::server
