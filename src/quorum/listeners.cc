#include "quorum/listeners.h"

#include <set>

#include "base/check.h"

namespace quoll::quorum {

std::expected<void, std::string> Listeners::bind(env::Network& network, const Options& options,
                                                 std::uint16_t PortPair::* port, std::int64_t unconfirmed_ms_max,
                                                 const env::Acceptor& on_accept) {
  const auto self = options.members.find(options.self);
  QUOLL_CHECK(self != options.members.end(), "a server is a member of its ensemble");
  std::set<std::pair<std::string, std::uint16_t>> addresses;
  for (const PortPair& pair : self->second.addresses)
    addresses.emplace(options.listen_on_all ? std::string() : pair.host, pair.*port);
  for (const auto& [host, number] : addresses) {
    auto listener = network.listen({.host = host,
                                    .port = number,
                                    .security = options.accepts,
                                    .probes = env::ListenOptions::frequent_probes,
                                    .unconfirmed_ms_max = unconfirmed_ms_max},
                                   on_accept);
    if (!listener) {
      close();
      return std::unexpected(listener.error());
    }
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

void Listeners::start() {
  for (const auto& listener : listeners_) listener->start_accepting();
}

}  // namespace quoll::quorum
