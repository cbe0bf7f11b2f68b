#include "os/tls_acceptor.h"

#include <string>

#include "os/tls_connection.h"
#include "tls/detect.h"

namespace quoll::os {

// One connection on its way in.
class TlsAcceptor::Pending : public env::ConnectionHandler {
 public:
  Pending(TlsAcceptor& owner, std::unique_ptr<env::Connection> connection)
      : lower(std::move(connection)), owner_(owner) {
    lower->attach(*this);
    const int timeout_ms = owner_.context_->options().handshake_timeout_ms;
    deadline_ = owner_.timers_.after(timeout_ms > 0 ? timeout_ms : 5000, [this] { on_deadline(); });
    if (owner_.security_ == env::Security::tls) begin();
  }

  void on_data(std::string_view bytes) override {
    if (is_over) return;
    if (engine == nullptr) {
      first_bytes.append(bytes);
      const auto kind = tls::looks_like_tls(first_bytes);
      if (kind == tls::FirstBytes::undecided) return;
      if (kind == tls::FirstBytes::plain) return owner_.done(*this);
      begin();
      bytes = first_bytes;
    }
    engine->feed(bytes);
    if (!engine->to_send().empty()) lower->send(engine->to_send());
    engine->to_send().clear();
    if (engine->state() == tls::State::open) return owner_.done(*this);
    if (engine->state() != tls::State::handshaking) owner_.give_up(*this, engine->failure());
  }
  void on_closed(std::string_view why) override {
    if (!is_over) owner_.give_up(*this, why);
  }

  std::unique_ptr<env::Connection> lower;
  std::unique_ptr<tls::Engine> engine;  // none yet, or plain
  std::string first_bytes;
  bool is_over = false;

 private:
  void begin() { engine = std::make_unique<tls::Engine>(*owner_.context_, lower->peer().host); }
  void on_deadline() {
    if (is_over) return;
    // On a port for both, silence means a plain client that lets the server speak first.
    if (engine == nullptr) return owner_.done(*this);
    owner_.give_up(*this, "the TLS handshake took too long");
  }

  TlsAcceptor& owner_;
  std::unique_ptr<env::Timer> deadline_;
};

TlsAcceptor::TlsAcceptor(env::Timers& timers, env::Log& log, std::shared_ptr<tls::Context> context,
                         std::shared_ptr<HandshakeCounts> counts, env::Security security, env::Acceptor on_accept)
    : timers_(timers),
      log_(log),
      context_(std::move(context)),
      counts_(std::move(counts)),
      security_(security),
      on_accept_(std::move(on_accept)) {}

TlsAcceptor::~TlsAcceptor() = default;

void TlsAcceptor::take(std::unique_ptr<env::Connection> connection) {
  if (counts_->most > 0 && counts_->under_way >= counts_->most) {
    ++counts_->refused;
    log_.warn("Turning {} away: {} TLS handshakes are under way (netty.server.outstandingHandshake.limit)",
              connection->peer().host, counts_->under_way);
    return;
  }
  ++counts_->under_way;
  auto pending = std::make_unique<Pending>(*this, std::move(connection));
  Pending* const key = pending.get();
  pending_.emplace(key, std::move(pending));
}

void TlsAcceptor::done(Pending& pending) {
  pending.is_over = true;
  --counts_->under_way;
  forget_later(pending);
  if (pending.engine == nullptr) {
    // The bytes that told plain from TLS belong to whoever attached.
    env::ConnectionHandler* const handler = on_accept_(std::move(pending.lower));
    if (handler != nullptr && !pending.first_bytes.empty()) handler->on_data(pending.first_bytes);
    return;
  }
  auto connection = std::make_unique<TlsConnection>(std::move(pending.lower), std::move(pending.engine));
  TlsConnection* const accepted = connection.get();
  if (on_accept_(std::move(connection)) != nullptr) accepted->deliver();
}

void TlsAcceptor::forget_later(Pending& pending) {
  // The callback that brought us here may still be on the stack.
  timers_.post([this, key = &pending, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) pending_.erase(key);
  });
}

void TlsAcceptor::give_up(Pending& pending, std::string_view why) {
  pending.is_over = true;
  --counts_->under_way;
  ++counts_->failed;
  log_.info("Closing a connection of {} before its first request: {}", pending.lower->peer().host, why);
  pending.lower->close_after_sending();
  forget_later(pending);
}

}  // namespace quoll::os
