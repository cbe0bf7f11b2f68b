#include "os/handshakes.h"

namespace quoll::os {

// The one that has been silent for longest goes, if it is silent for long enough: whoever opens connections and leaves
// them keeps nobody out. Under a crowd of honest clients nobody is silent, and those that come last are turned away.
bool Handshakes::make_room() {
  if (under_way() < kHandshakesMax) return true;
  const auto& [party, heard_ms] = under_way_.front();
  if (clock_.elapsed_ms() - heard_ms < kStalledHandshakeMs) return false;
  party->cut_off("it has stopped in its TLS handshake, and others need its place");
  return under_way() < kHandshakesMax;
}

bool Handshakes::begin(Party& party, const env::Address& peer, Place& place) {
  const bool is_over_most = most_ > 0 && under_way() >= most_;
  if (is_over_most || !make_room()) {
    ++refused_;
    log_.warn("Turning {} away: {} TLS handshakes are under way ({})", peer.host, under_way(),
              is_over_most ? "netty.server.outstandingHandshake.limit" : "no more are taken at once");
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
