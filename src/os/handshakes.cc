#include "os/handshakes.h"

namespace quoll::os {

// Closes the handshake that has been silent for longest, if that is long enough, so that connections that were opened
// and left do not block others. If all handshakes make progress, the new one is refused.
bool Handshakes::close_stalled() {
  if (under_way() < kHandshakesMax) return true;
  const auto& [party, heard_ms] = under_way_.front();
  if (clock_.elapsed_ms() - heard_ms < kStalledHandshakeMs) return false;
  party->cut_off("its TLS handshake has stalled, and others need its place");
  return under_way() < kHandshakesMax;
}

bool Handshakes::begin(Party& party, const env::Address& peer, Place& place) {
  const bool is_over_most = limit_ > 0 && under_way() >= limit_;
  if (is_over_most || !close_stalled()) {
    ++refused_;
    log_.warn("Refusing {}: {} TLS handshakes are in progress ({})", peer.host, under_way(),
              is_over_most ? "netty.server.outstandingHandshake.limit" : "the maximum of concurrent handshakes");
    return false;
  }
  place = under_way_.emplace(under_way_.end(), &party, clock_.elapsed_ms());
  return true;
}

void Handshakes::touch(Place place) {
  place->second = clock_.elapsed_ms();
  under_way_.splice(under_way_.end(), under_way_, place);
}

void Handshakes::count_failure(const env::Address& peer, std::string_view why) {
  ++failed_;
  log_.warn("Unsuccessful TLS handshake of {}:{}: {}", peer.host, peer.port, why);
}

}  // namespace quoll::os
