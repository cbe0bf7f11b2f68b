// A connection of a port that speaks TLS, or TLS and plain text.
//
// It is handed to the server as soon as it is accepted, so that it counts against the limits of connections from its
// first moment on. Its handler hears nothing before the handshake is done, or the first bytes have told that the client
// speaks plain text; a handshake that fails, stalls or takes too long ends in on_closed.
#pragma once

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
  // What all connections of a port have in common; all of it outlives them.
  struct Terms {
    env::Timers& timers;
    Handshakes& handshakes;
    std::shared_ptr<tls::Context> context;
    env::Security security = env::Security::tls;
  };

  // `lower` is a connection of which nothing has been read yet.
  TlsConnection(std::unique_ptr<env::Connection> lower, const Terms& terms);
  ~TlsConnection() override;

  // The connection has been taken by the server: the handshake may begin, unless too many are under way.
  void begin();

  void attach(env::ConnectionHandler& handler) override { handler_ = &handler; }
  void send(std::string_view bytes) override;
  void give(std::string&& bytes) override;
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
  void shake_hands(std::string_view bytes);
  void become_plain();
  void on_deadline();
  // The handshake is over, one way or the other.
  void end_handshake(Stage next);
  void fail(std::string_view why);
  void flush();
  void deliver();

  Terms terms_;
  std::unique_ptr<env::Connection> lower_;
  std::unique_ptr<tls::Engine> engine_;  // from handshaking on
  env::ConnectionHandler* handler_ = nullptr;
  Stage stage_;
  std::optional<Handshakes::Place> place_;  // while the handshake is under way
  std::unique_ptr<env::Timer> deadline_;
  std::string first_bytes_;  // while detecting
  std::size_t handshake_bytes_ = 0;
};

}  // namespace quoll::os
