// Listens on one of the two ports between servers, on all addresses of this server.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "env/network.h"
#include "quorum/options.h"

namespace quoll::quorum {

class Listeners {
 public:
  // `port` chooses the quorum port or the election port; `unconfirmed_ms_max` as in env::ListenOptions. The error says
  // which address can't be bound.
  std::expected<void, std::string> bind(env::Network& network, const Options& options, std::uint16_t PortPair::* port,
                                        std::int64_t unconfirmed_ms_max, const env::Acceptor& on_accept);
  void start();
  void close() { listeners_.clear(); }

 private:
  std::vector<std::unique_ptr<env::Listener>> listeners_;
};

}  // namespace quoll::quorum
