// Between accepting a connection and handing it on: TLS handshakes, and telling TLS from plain on a port that takes
// both.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "env/clock.h"
#include "env/log.h"
#include "env/network.h"
#include "tls/context.h"

namespace quoll::os {

// Of all ports together.
struct HandshakeCounts {
  std::int64_t most = -1;  // netty.server.outstandingHandshake.limit; 0 or less: no limit
  std::int64_t under_way = 0;
  std::int64_t failed = 0;
  std::int64_t refused = 0;
};

class TlsAcceptor {
 public:
  TlsAcceptor(env::Timers& timers, env::Log& log, std::shared_ptr<tls::Context> context,
              std::shared_ptr<HandshakeCounts> counts, env::Security security, env::Acceptor on_accept);
  ~TlsAcceptor();
  // A connection of which nothing has been read yet.
  void take(std::unique_ptr<env::Connection> connection);

 private:
  class Pending;
  void done(Pending& pending);
  void give_up(Pending& pending, std::string_view why);
  void forget_later(Pending& pending);

  env::Timers& timers_;
  env::Log& log_;
  std::shared_ptr<tls::Context> context_;
  std::shared_ptr<HandshakeCounts> counts_;
  env::Security security_;
  env::Acceptor on_accept_;
  std::unordered_map<Pending*, std::unique_ptr<Pending>> pending_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace quoll::os
