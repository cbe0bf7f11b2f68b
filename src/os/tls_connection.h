// A connection of a port that accepts TLS, or TLS and plain text; or one to such a port of another server.
//
// The server gets the connection as soon as it is accepted, so that it counts against the connection limits from the
// beginning. Its handler gets no data before the handshake is complete, or before the first bytes have shown that the
// client sends plain text. A handshake that fails, stalls or takes too long ends in on_closed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "env/clock.h"
#include "env/network.h"
#include "os/handshakes.h"
#include "tls/engine.h"

namespace quoll::os {

class TlsConnection : public env::Connection, public env::ConnectionHandler, private Handshakes::Party {
 public:
  // Shared by all connections of a port; the references must outlive the connections.
  struct Terms {
    env::Timers& timers;
    Handshakes& handshakes;
    std::shared_ptr<tls::Context> context;
    env::Security security = env::Security::tls;
  };

  // `lower`: a connection from which nothing has been read yet.
  TlsConnection(std::unique_ptr<env::Connection> lower, const Terms& terms);
  ~TlsConnection() override;

  // The server has taken the connection: the handshake begins, unless too many are in progress.
  void begin();
  // This side has connected to a server of that name. `on_open` is called when the handshake is complete; if that
  // fails, the handler's on_closed.
  void begin_as_client(std::string_view server, std::function<void()> on_open);

  void attach(env::ConnectionHandler& handler) override { handler_ = &handler; }
  void send(std::string_view bytes) override;
  void send_owned(std::string&& bytes) override;
  void close_after_sending() override;
  void pause_reading() override { lower_->pause_reading(); }
  void resume_reading() override { lower_->resume_reading(); }
  [[nodiscard]] std::size_t queued_bytes() const override { return lower_->queued_bytes(); }
  [[nodiscard]] const env::Address& peer() const override { return lower_->peer(); }
  [[nodiscard]] const env::Address& local() const override { return lower_->local(); }
  [[nodiscard]] const env::TlsPeer* tls() const override { return stage_ == Stage::open ? &engine_->peer() : nullptr; }

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  bool on_end_of_input() override;
  void on_drained() override;

 private:
  enum class Stage { detecting, handshaking, open, plain, over };

  void cut_off(std::string_view why) override { fail(why); }
  void detect(std::string_view bytes);
  void continue_handshake(std::string_view bytes);
  void become_plain();
  void on_deadline();
  // Called when the handshake has succeeded or failed.
  void end_handshake(Stage next);
  void fail(std::string_view why);
  void flush();
  void deliver();

  Terms terms_;
  std::unique_ptr<env::Connection> lower_;
  std::unique_ptr<tls::Engine> engine_;  // from the handshake on
  env::ConnectionHandler* handler_ = nullptr;
  Stage stage_;
  std::optional<Handshakes::Place> place_;  // during the handshake
  std::unique_ptr<env::Timer> deadline_;
  std::function<void()> on_open_;  // of a client
  std::string first_bytes_;        // while detecting
  std::size_t handshake_bytes_ = 0;
  // Expires with this object, which a handler may destroy in any of its calls.
  std::shared_ptr<const bool> is_alive_ = std::make_shared<const bool>(true);
};

}  // namespace quoll::os
