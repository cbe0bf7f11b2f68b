#include "os/tls_connection.h"

#include <string>

#include "tls/detect.h"

namespace quoll::os {

namespace {
// A buffer larger than this is released when it is empty.
constexpr std::size_t kKeptBytes = 64 * 1024;
// A long reply is encrypted in parts, each of which is sent before the next.
constexpr std::size_t kEncryptedAtOnce = 256 * 1024;
}  // namespace

TlsConnection::TlsConnection(std::unique_ptr<env::Connection> lower, const Terms& terms)
    : terms_(terms),
      lower_(std::move(lower)),
      stage_(terms.security == env::Security::tls ? Stage::handshaking : Stage::detecting) {
  lower_->attach(*this);
}

TlsConnection::~TlsConnection() {
  end_handshake(Stage::over);
}

void TlsConnection::begin() {
  Handshakes::Place place;
  if (!terms_.handshakes.begin(*this, peer(), place)) {
    end_handshake(Stage::over);
    if (handler_ != nullptr) handler_->on_closed("too many TLS handshakes are in progress");
    return;
  }
  place_ = place;
  deadline_ = terms_.timers.after(terms_.context->options().handshake_timeout_ms, [this] { on_deadline(); });
  if (stage_ == Stage::handshaking) engine_ = std::make_unique<tls::Engine>(*terms_.context, peer().host);
}

void TlsConnection::begin_as_client(std::string_view server, std::function<void()> on_open) {
  on_open_ = std::move(on_open);
  deadline_ = terms_.timers.after(terms_.context->options().handshake_timeout_ms, [this] { on_deadline(); });
  engine_ = std::make_unique<tls::Engine>(*terms_.context, server);
  engine_->start();
  flush();
}

void TlsConnection::on_data(std::string_view bytes) {
  switch (stage_) {
    case Stage::detecting:
      return detect(bytes);
    case Stage::handshaking:
      return continue_handshake(bytes);
    case Stage::open:
      engine_->feed(bytes);
      return deliver();
    case Stage::plain:
      if (handler_ != nullptr) handler_->on_data(bytes);
      return;
    case Stage::over:
      return;
  }
}

void TlsConnection::detect(std::string_view bytes) {
  first_bytes_.append(bytes);
  const auto kind = tls::looks_like_tls(first_bytes_);
  if (kind == tls::FirstBytes::undecided) return;
  if (kind == tls::FirstBytes::plain) return become_plain();
  stage_ = Stage::handshaking;
  engine_ = std::make_unique<tls::Engine>(*terms_.context, peer().host);
  continue_handshake(std::exchange(first_bytes_, {}));
}

void TlsConnection::become_plain() {
  end_handshake(Stage::plain);
  const std::string bytes = std::exchange(first_bytes_, {});
  if (handler_ != nullptr && !bytes.empty()) handler_->on_data(bytes);
}

void TlsConnection::continue_handshake(std::string_view bytes) {
  if (handshake_bytes_ == 0 && tls::looks_like_tls(bytes) == tls::FirstBytes::plain)
    return fail(on_open_ ? "it answered in plain text, but sslQuorum asks for TLS between servers"
                         : "the client sent plain text, but this port accepts TLS only");
  if (place_) terms_.handshakes.touch(*place_);
  handshake_bytes_ += bytes.size();
  engine_->feed(bytes);
  if (engine_->state() == tls::State::open) {
    end_handshake(Stage::open);
    if (on_open_) {
      const std::weak_ptr<const bool> alive = is_alive_;
      std::exchange(on_open_, nullptr)();
      if (alive.expired()) return;
    }
    return deliver();
  }
  flush();
  if (engine_->state() != tls::State::handshaking) return fail(engine_->failure());
  if (handshake_bytes_ > kHandshakeBytesMax) fail("its TLS handshake is too long");
}

void TlsConnection::on_deadline() {
  // On a port for both, silence means a plain client that waits for the server to send first.
  if (stage_ == Stage::detecting) return become_plain();
  fail("the TLS handshake took too long");
}

void TlsConnection::end_handshake(Stage next) {
  stage_ = next;
  deadline_.reset();
  if (place_) terms_.handshakes.end(*std::exchange(place_, std::nullopt));
}

void TlsConnection::fail(std::string_view why) {
  const std::string reason(why);
  end_handshake(Stage::over);
  if (!on_open_) terms_.handshakes.count_failure(peer(), reason);
  lower_->close_after_sending();
  if (handler_ != nullptr) handler_->on_closed(reason);
}

void TlsConnection::flush() {
  std::string& out = engine_->to_send();
  if (out.empty()) return;
  if (out.capacity() > kKeptBytes) {
    std::string all;
    all.swap(out);
    lower_->send_owned(std::move(all));
  } else {
    lower_->send(out);
    out.clear();
  }
}

void TlsConnection::deliver() {
  flush();
  std::string received = std::move(engine_->received());
  engine_->received().clear();
  if (!received.empty() && handler_ != nullptr) {
    const std::weak_ptr<const bool> alive = is_alive_;
    handler_->on_data(received);
    if (alive.expired()) return;
  }
  if (handler_ == nullptr) return;
  if (engine_->state() == tls::State::failed) handler_->on_closed(engine_->failure());
  if (engine_->state() == tls::State::closed) handler_->on_closed("the peer closed the connection");
}

void TlsConnection::send(std::string_view bytes) {
  if (stage_ == Stage::plain) return lower_->send(bytes);
  if (stage_ != Stage::open) return;
  engine_->write(bytes);
  flush();
}

void TlsConnection::send_owned(std::string&& bytes) {
  if (stage_ == Stage::plain) return lower_->send_owned(std::move(bytes));
  const std::string all = std::move(bytes);
  for (std::size_t at = 0; at < all.size(); at += kEncryptedAtOnce)
    send(std::string_view(all).substr(at, kEncryptedAtOnce));
}

void TlsConnection::close_after_sending() {
  handler_ = nullptr;
  if (stage_ == Stage::open) {
    engine_->close();
    flush();
  }
  if (stage_ != Stage::plain) end_handshake(Stage::over);
  lower_->close_after_sending();
}

void TlsConnection::on_closed(std::string_view why) {
  // A client that connects and closes without sending a byte only checks whether the port is open.
  if (stage_ == Stage::handshaking && handshake_bytes_ > 0 && !on_open_) terms_.handshakes.count_failure(peer(), why);
  end_handshake(Stage::over);
  if (handler_ != nullptr) handler_->on_closed(why);
}

bool TlsConnection::on_end_of_input() {
  // A plain client that sent too few bytes to be told from TLS, and then shut down its side, gets no answer.
  return (stage_ == Stage::open || stage_ == Stage::plain) && handler_ != nullptr && handler_->on_end_of_input();
}

void TlsConnection::on_drained() {
  if (handler_ != nullptr) handler_->on_drained();
}

}  // namespace quoll::os
