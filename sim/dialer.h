// Outgoing connections of a simulated process.
#pragma once

#include "env/dialer.h"
#include "sim/network.h"

namespace quoll::sim {

class Dialer : public env::Dialer {
 public:
  Dialer(Network& network, Host& host) : network_(network), host_(host) {}
  [[nodiscard]] std::unique_ptr<env::Connection> dial(const env::DialOptions& options,
                                                      env::DialHandler& handler) override {
    return network_.dial(host_, options, handler);
  }

 private:
  Network& network_;
  Host& host_;
};

}  // namespace quoll::sim
