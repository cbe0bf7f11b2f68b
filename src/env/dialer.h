// Interface to outgoing connections. All calls and callbacks happen on the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "env/network.h"

namespace quoll::env {

struct DialOptions {
  std::string host;  // a name or a numeric address, without brackets
  std::uint16_t port = 0;
  // For everything up to on_connected: the name, each of its addresses, the handshake.
  std::int64_t timeout_ms = 5000;
  Security security = Security::plain;
  std::int64_t unconfirmed_ms_max = 0;  // as in ListenOptions
};

class DialHandler : public ConnectionHandler {
 public:
  // The connection is open (with TLS: after its handshake).
  virtual void on_connected() = 0;
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  // Begins to connect and returns at once. A failure (an unknown name, a refusal, no answer in time) comes as
  // on_closed(why) later, never from inside this call. Nothing may be sent before on_connected, and attach() is not
  // called: `handler` gets all events, and must outlive the connection. Destroying the connection cancels the attempt.
  // peer() is what was asked for until the connection is open, then the address.
  [[nodiscard]] virtual std::unique_ptr<Connection> dial(const DialOptions& options, DialHandler& handler) = 0;
};

}  // namespace quoll::env
