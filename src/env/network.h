// Connections and listeners. All calls and callbacks happen on the loop.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::env {

struct Address {
  std::string host;  // numeric, without brackets: "127.0.0.1", "::1"
  std::uint16_t port = 0;
};

// What TLS knows of the peer once its handshake is done.
struct TlsPeer {
  // Subject of the client's certificate as RFC 2253, as Java's X500Principal prints it; empty without a certificate.
  std::string subject;
  // DER of the client's certificate; empty without one.
  std::string certificate_der;
};

class Connection;

// What the owner of a connection is told.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  // Bytes have come, in order. The view is valid during the call only.
  virtual void on_data(std::string_view bytes) = 0;
  // The peer closed, or the transport failed (why, in words for a log line). Nothing more comes; the connection may be
  // destroyed.
  virtual void on_closed(std::string_view why) = 0;
  // The peer sends nothing more and may still read. True: it is to be sent something, and on_closed comes when that
  // fails. False: on_closed comes now.
  virtual bool on_end_of_input() { return false; }
  // Queued output has gone out: queued_bytes() is zero again.
  virtual void on_drained() {}
};

class Connection {
 public:
  virtual ~Connection() = default;  // closes at once; the handler hears nothing more
  // Names who hears of this connection; once, inside the acceptor. The handler outlives the connection.
  virtual void attach(ConnectionHandler& handler) = 0;
  // Queues bytes and tries to send them at once: one system call where the socket takes them all.
  virtual void send(std::string_view bytes) = 0;
  // The same for many bytes: what the socket does not take at once is kept as it is, without a copy.
  virtual void give(std::string&& bytes) { send(bytes); }
  // Sends what is queued, then closes; on_closed is not called. Reading stops now.
  virtual void close_after_sending() = 0;
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  [[nodiscard]] virtual const Address& peer() const = 0;
  [[nodiscard]] virtual const Address& local() const = 0;
  // nullptr for a plain connection, or before the handshake is done.
  [[nodiscard]] virtual const TlsPeer* tls() const = 0;
};

// Called for each new connection (for TLS: when its handshake is done). The callee owns it, attaches a handler and
// returns that; or it lets the connection go, which refuses it, and returns nullptr.
using Acceptor = std::function<ConnectionHandler*(std::unique_ptr<Connection>)>;

class Listener {
 public:
  virtual ~Listener() = default;  // stops listening; accepted connections stay
  [[nodiscard]] virtual const Address& local() const = 0;
  // The acceptor is called from now on, first for those who have connected already and wait.
  virtual void start_accepting() = 0;
};

enum class Security { plain, tls, tls_or_plain };

struct ListenOptions {
  std::string host;  // empty: every address, IPv6 and IPv4 alike
  std::uint16_t port = 0;
  int backlog = -1;  // -1: the system's default
  Security security = Security::plain;
  enum {
    plain_tcp,
    keep_alive
  } probes = plain_tcp;  // whether the system looks after silent peers (clientTcpKeepAlive)
};

class Network {
 public:
  virtual ~Network() = default;
  // Takes the port, so that no other process can; connections wait until start_accepting().
  // The error is a sentence for a person ("cannot listen on 0.0.0.0:2181: Address already in use").
  [[nodiscard]] virtual std::expected<std::unique_ptr<Listener>, std::string> listen(const ListenOptions& options,
                                                                                     Acceptor on_accept) = 0;
  // Of all its connections together, those included that are closing and still have something to send.
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
};

}  // namespace quoll::env
