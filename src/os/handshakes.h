// The TLS handshakes in progress on all ports, and their limit.
#pragma once

#include <cstdint>
#include <list>
#include <string_view>

#include "env/clock.h"
#include "env/log.h"
#include "env/network.h"

namespace quoll::os {

// A handshake takes about 40 kB of memory, and up to kHandshakeBytesMax more while its bytes arrive.
inline constexpr std::int64_t kHandshakesMax = 1000;
inline constexpr std::size_t kHandshakeBytesMax = 64 * 1024;
// When there are kHandshakesMax handshakes, one that has received nothing for this long is closed in favour of a new
// one.
inline constexpr std::int64_t kStalledHandshakeMs = 500;

class Handshakes {
 public:
  // A connection with a handshake in progress.
  class Party {
   public:
    virtual ~Party() = default;
    virtual void cut_off(std::string_view why) = 0;
  };
  using Place = std::list<std::pair<Party*, std::int64_t>>::iterator;

  // Both must outlive this object.
  Handshakes(const env::Clock& clock, env::Log& log) : clock_(clock), log_(log) {}

  // netty.server.outstandingHandshake.limit; 0 or less: only kHandshakesMax applies.
  void set_limit(std::int64_t most) { limit_ = most; }

  // True: the handshake may begin and `place` is valid until end(). False: there are too many; the connection must be
  // closed.
  [[nodiscard]] bool begin(Party& party, const env::Address& peer, Place& place);
  // Bytes have been received in this handshake.
  void touch(Place place);
  void end(Place place) { under_way_.erase(place); }
  // The handshake failed; end() is called in addition.
  void count_failure(const env::Address& peer, std::string_view why);

  [[nodiscard]] std::int64_t under_way() const { return static_cast<std::int64_t>(under_way_.size()); }
  [[nodiscard]] std::int64_t failed() const { return failed_; }
  [[nodiscard]] std::int64_t refused() const { return refused_; }

 private:
  bool close_stalled();

  const env::Clock& clock_;
  env::Log& log_;
  std::int64_t limit_ = -1;
  std::int64_t failed_ = 0;
  std::int64_t refused_ = 0;
  std::list<std::pair<Party*, std::int64_t>> under_way_;  // with the time of the last received bytes, oldest first
};

}  // namespace quoll::os
