// The TLS handshakes under way on all ports, and how many there may be.
#pragma once

#include <cstdint>
#include <list>
#include <string_view>

#include "env/clock.h"
#include "env/log.h"
#include "env/network.h"

namespace quoll::os {

// A handshake takes about 40 kB of memory until it is done, and up to kHandshakeBytesMax more while its bytes arrive.
inline constexpr std::int64_t kHandshakesMax = 1000;
inline constexpr std::size_t kHandshakeBytesMax = 64 * 1024;
// A handshake that has heard nothing for so long gives its place to a new one when there are kHandshakesMax.
inline constexpr std::int64_t kStalledHandshakeMs = 500;

class Handshakes {
 public:
  // A connection whose handshake is under way.
  class Party {
   public:
    virtual ~Party() = default;
    virtual void cut_off(std::string_view why) = 0;
  };
  using Place = std::list<std::pair<Party*, std::int64_t>>::iterator;

  // Both outlive it.
  Handshakes(const env::Clock& clock, env::Log& log) : clock_(clock), log_(log) {}

  // netty.server.outstandingHandshake.limit; 0 or less: kHandshakesMax alone counts.
  void set_most(std::int64_t most) { most_ = most; }

  // True: `place` is the party's until end(). False: there are too many, and it is to be closed.
  [[nodiscard]] bool begin(Party& party, const env::Address& peer, Place& place);
  // Bytes of it have come.
  void touch(Place place);
  void end(Place place) { under_way_.erase(place); }
  // It has failed; end() is called besides.
  void count_failure(const env::Address& peer, std::string_view why);

  [[nodiscard]] std::int64_t under_way() const { return static_cast<std::int64_t>(under_way_.size()); }
  [[nodiscard]] std::int64_t failed() const { return failed_; }
  [[nodiscard]] std::int64_t refused() const { return refused_; }

 private:
  bool make_room();

  const env::Clock& clock_;
  env::Log& log_;
  std::int64_t most_ = -1;
  std::int64_t failed_ = 0;
  std::int64_t refused_ = 0;
  std::list<std::pair<Party*, std::int64_t>> under_way_;  // and when it was last heard of; longest ago first
};

}  // namespace quoll::os
