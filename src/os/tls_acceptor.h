// Between accepting a connection and handing it on: TLS handshakes, and telling TLS from plain on a port that takes both.
#pragma once

#include <memory>
#include <unordered_map>

#include "env/clock.h"
#include "env/log.h"
#include "env/network.h"
#include "tls/context.h"

namespace quoll::os {

class TlsAcceptor {
 public:
  TlsAcceptor(env::Timers& timers, env::Log& log, std::shared_ptr<tls::Context> context, env::Security security, env::Acceptor on_accept);
  ~TlsAcceptor();
  // A connection of which nothing has been read yet.
  void take(std::unique_ptr<env::Connection> connection);
  // Handshakes under way.
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }

 private:
  class Pending;
  void done(Pending& pending);
  void give_up(Pending& pending, std::string_view why);
  void forget_later(Pending& pending);

  env::Timers& timers_;
  env::Log& log_;
  std::shared_ptr<tls::Context> context_;
  env::Security security_;
  env::Acceptor on_accept_;
  std::unordered_map<Pending*, std::unique_ptr<Pending>> pending_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace quoll::os
