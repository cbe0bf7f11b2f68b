// A connection whose bytes go through a TLS engine.
#pragma once

#include <memory>

#include "env/network.h"
#include "tls/engine.h"

namespace quoll::os {

class TlsConnection : public env::Connection, public env::ConnectionHandler {
 public:
  // The handshake is done.
  TlsConnection(std::unique_ptr<env::Connection> lower, std::unique_ptr<tls::Engine> engine);

  // Hands on what came in the same flight as the end of the handshake.
  void deliver();

  void attach(env::ConnectionHandler& handler) override { handler_ = &handler; }
  void send(std::string_view bytes) override;
  void close_after_sending() override;
  void pause_reading() override { lower_->pause_reading(); }
  void resume_reading() override { lower_->resume_reading(); }
  [[nodiscard]] std::size_t queued_bytes() const override { return lower_->queued_bytes(); }
  [[nodiscard]] const env::Address& peer() const override { return lower_->peer(); }
  [[nodiscard]] const env::Address& local() const override { return lower_->local(); }
  [[nodiscard]] const env::TlsPeer* tls() const override { return &engine_->peer(); }

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  bool on_end_of_input() override { return handler_ != nullptr && handler_->on_end_of_input(); }
  void on_drained() override;

 private:
  void flush();

  std::unique_ptr<env::Connection> lower_;
  std::unique_ptr<tls::Engine> engine_;
  env::ConnectionHandler* handler_ = nullptr;
};

}  // namespace quoll::os
