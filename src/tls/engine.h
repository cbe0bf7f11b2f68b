// One end of a TLS connection without a socket: ciphertext goes in and out as byte strings, so that any transport can
// carry it.
//
// After every call the owner checks received() (plaintext for the application), to_send() (bytes for the peer; after a
// failure it may hold an alert) and state(). The owner clears both buffers when it has used their content; their memory
// is kept for reuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "env/network.h"
#include "tls/context.h"
#include "tls/engine_bio.h"
#include "tls/openssl.h"

namespace quoll::tls {

enum class State {
  handshaking,
  open,
  closed,  // the peer sent close_notify and got ours; write() is ignored
  failed,  // failure() has the reason; no more data will come
};

class Engine {
 public:
  // Uses the key that `context` has now. `peer_host`: for a client, the server's name or address, sent as SNI and
  // verified if the options require it; for a server, the client's numeric address, used only with
  // client_hostname_verification.
  explicit Engine(const Context& context, std::string_view peer_host = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Prepares a client's first message in to_send(); does nothing for a server.
  void start();
  // Takes all bytes received from the peer, split in any way.
  void feed(std::string_view ciphertext);
  // Encrypts for the peer. Before the handshake is complete the plaintext is buffered without a limit; the caller
  // limits it.
  void write(std::string_view plaintext);
  // Sends close_notify. write() is ignored from now on, but data from the peer is still received. During the handshake
  // this ends the connection.
  void close();
  // The transport was closed. If the peer has not sent close_notify before, that is a failure: data may have been cut
  // off by an attacker.
  void transport_closed();

  [[nodiscard]] State state() const { return state_; }
  // The reason of a failure in one sentence, for the log; otherwise empty.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::string& received() { return received_; }
  [[nodiscard]] std::string& to_send() { return wires_.outgoing; }
  // The peer's identity; empty before the handshake is complete, or if the peer sent no certificate.
  [[nodiscard]] const env::TlsPeer& peer() const { return peer_; }
  // "TLSv1.3"; empty before the handshake is complete. cipher_suite() is the suite's IANA name.
  [[nodiscard]] std::string_view protocol() const;
  [[nodiscard]] std::string_view cipher_suite() const;

 private:
  void expect_host(const Options& options, std::string_view host);
  void continue_handshake();
  void opened();
  // Whether the client's certificate is for its address or for one of Options::client_names.
  [[nodiscard]] bool names_client(X509* certificate) const;
  void read_all(std::size_t chunk_bytes);
  void encrypt(std::string_view plaintext);
  void fail(int ssl_error);

  Role role_;
  std::string client_host_;                // checked when the handshake is complete; empty: not then
  std::vector<std::string> client_names_;  // that are accepted instead
  State state_ = State::handshaking;
  std::string failure_;
  Wires wires_;
  std::string received_;
  std::string waiting_;  // plaintext written before the handshake was complete
  env::TlsPeer peer_;
  SslPtr ssl_;  // refers to wires_
};

}  // namespace quoll::tls
