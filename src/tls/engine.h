// One end of a TLS connection as a machine without a socket: ciphertext goes in and comes out as bytes, so that any
// transport carries it.
//
// After every call the owner looks at three things: received() (plaintext for the application), to_send() (bytes for
// the peer; also after a failure, since an alert may be there) and state(). It empties the two buffers once it has used
// them; their memory is kept.
#pragma once

#include <string>
#include <string_view>

#include "env/network.h"
#include "tls/context.h"
#include "tls/engine_bio.h"
#include "tls/openssl.h"

namespace quoll::tls {

enum class State {
  handshaking,
  open,
  closed,  // the peer said close_notify, which was answered; write() is ignored
  failed,  // failure() says why; nothing more comes
};

class Engine {
 public:
  // Keeps the context's present keys. `peer_host`: for a client the name or address it connects to, shown as SNI and
  // verified if the options ask for it; for a server the client's numeric address, used only with
  // client_hostname_verification.
  explicit Engine(const Context& context, std::string_view peer_host = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // A client's first flight is ready to send after this; harmless for a server.
  void start();
  // Bytes from the peer, in any slices; all of them are taken.
  void feed(std::string_view ciphertext);
  // Encrypts for the peer; before the handshake is done the bytes wait for it, without a limit but the caller's own.
  void write(std::string_view plaintext);
  // Says close_notify: write() is ignored from now on; what the peer still sends goes on arriving. In the handshake:
  // ends it.
  void close();
  // The transport ended. Without the peer's close_notify before it that is a failure: the end may have been cut off by
  // someone else.
  void transport_closed();

  [[nodiscard]] State state() const { return state_; }
  // One sentence, for a log line; empty unless failed.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::string& received() { return received_; }
  [[nodiscard]] std::string& to_send() { return wires_.outgoing; }
  // Who the peer is; empty before the handshake is done, and without a certificate.
  [[nodiscard]] const env::TlsPeer& peer() const { return peer_; }
  // "TLSv1.3" and the IANA name of the cipher suite, once open.
  [[nodiscard]] std::string_view protocol() const;
  [[nodiscard]] std::string_view cipher_suite() const;

 private:
  void expect_host(const Options& options, std::string_view host);
  void shake_hands();
  void opened();
  void read_all(std::size_t chunk_bytes);
  void encrypt(std::string_view plaintext);
  void fail(int ssl_error);

  Role role_;
  State state_ = State::handshaking;
  std::string failure_;
  Wires wires_;
  std::string received_;
  std::string waiting_;  // plaintext written before the handshake was done
  env::TlsPeer peer_;
  SslPtr ssl_;  // refers to wires_
};

}  // namespace quoll::tls
