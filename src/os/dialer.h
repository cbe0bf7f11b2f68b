// Outgoing TCP connections on the loop.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "env/dialer.h"
#include "env/log.h"
#include "os/clocks.h"
#include "os/handshakes.h"
#include "os/loop.h"
#include "tls/context.h"

namespace quoll::os {

// A name's addresses are tried one after the other; each gets its share of the time that is left. Connections have TCP
// keep-alive probes, so that a machine that has lost its power is noticed although nothing is sent to it.
class TcpDialer : public env::Dialer {
 public:
  // The loop must outlive the dialer and its connections.
  explicit TcpDialer(Loop& loop) : loop_(loop) {}
  // A client's context, for connections with Security::tls. Without it they fail. `log` must outlive the dialer.
  void set_tls(std::shared_ptr<tls::Context> context, env::Log& log) {
    tls_ = std::move(context);
    handshakes_.emplace(clock_, log);
  }
  [[nodiscard]] std::unique_ptr<env::Connection> dial(const env::DialOptions& options,
                                                      env::DialHandler& handler) override;

 private:
  Loop& loop_;
  SystemClock clock_;
  std::optional<Handshakes> handshakes_;  // there if tls_ was set
  std::shared_ptr<tls::Context> tls_;
};

}  // namespace quoll::os
