// Interfaces to connections and listeners. All calls and callbacks happen on the loop.
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

// What TLS knows about the peer after the handshake.
struct TlsPeer {
  // Subject of the client's certificate in RFC 2253 form, as Java's X500Principal prints it; empty without a
  // certificate.
  std::string subject;
  // The client's certificate as DER; empty without one.
  std::string certificate_der;
};

class Connection;

// Receives the events of a connection.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  // Bytes have arrived, in order. The view is valid during the call only.
  virtual void on_data(std::string_view bytes) = 0;
  // The peer closed the connection, or the transport failed; `why` is text for the log. No further calls follow; the
  // connection may be destroyed.
  virtual void on_closed(std::string_view why) = 0;
  // The peer has shut down its sending side but may still read. Return true to go on sending; on_closed follows when
  // that fails. Return false to get on_closed now.
  virtual bool on_end_of_input() { return false; }
  // All queued output has been sent: queued_bytes() is 0 again.
  virtual void on_drained() {}
};

class Connection {
 public:
  virtual ~Connection() = default;  // closes immediately, without further calls to the handler
  // Sets the handler; called once, inside the acceptor. The handler must outlive the connection.
  virtual void attach(ConnectionHandler& handler) = 0;
  // Queues bytes and tries to send them immediately, with one system call if the socket takes them all.
  virtual void send(std::string_view bytes) = 0;
  // The same for large output: the part that the socket does not take immediately is kept without copying it.
  virtual void send_owned(std::string&& bytes) { send(bytes); }
  // Sends what is queued, then closes; on_closed is not called. Reading stops immediately.
  virtual void close_after_sending() = 0;
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  [[nodiscard]] virtual const Address& peer() const = 0;
  [[nodiscard]] virtual const Address& local() const = 0;
  // nullptr for a plain connection, and before the handshake is complete.
  [[nodiscard]] virtual const TlsPeer* tls() const = 0;
};

// Called for each new connection (with TLS: after its handshake). The callee takes ownership, attaches a handler and
// returns the handler. To refuse the connection it destroys it and returns nullptr.
using Acceptor = std::function<ConnectionHandler*(std::unique_ptr<Connection>)>;

class Listener {
 public:
  virtual ~Listener() = default;  // stops listening; accepted connections stay open
  [[nodiscard]] virtual const Address& local() const = 0;
  // Starts to call the acceptor, first for connections that are already waiting.
  virtual void start_accepting() = 0;
};

enum class Security { plain, tls, tls_or_plain };

struct ListenOptions {
  std::string host;  // empty: all addresses, IPv6 and IPv4
  std::uint16_t port = 0;
  int backlog = -1;  // -1: the operating system's default
  Security security = Security::plain;
  // TCP keep-alive probes: none, as often as the system does it (clientTcpKeepAlive), or so that a machine that has
  // lost its power is noticed within half a minute.
  enum { plain_tcp, keep_alive, frequent_probes } probes = plain_tcp;
  // A connection ends when the other side has not confirmed data for so long; 0: when the system gives up, which takes
  // a quarter of an hour. Not for a protocol in which a side may read nothing for a while: it looks the same.
  std::int64_t unconfirmed_ms_max = 0;
  // New connections in a second; 0: no limit. Others wait in the kernel's queue.
  int accepts_per_second_max = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  // Binds the port, so that no other process can. Connections wait until start_accepting().
  // The error is a sentence for people ("cannot listen on 0.0.0.0:2181: Address already in use").
  [[nodiscard]] virtual std::expected<std::unique_ptr<Listener>, std::string> listen(const ListenOptions& options,
                                                                                     Acceptor on_accept) = 0;
  // Bytes queued in all connections of this network, including those that are closing.
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
};

}  // namespace quoll::env
