// What all clients together have sent that is not decoded yet, and have still to take: one sum, with one limit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "env/network.h"

namespace quoll::server {

// Its questions take the same short time however many connections there are: they are asked for every reply. So the
// network is not asked each time; look() does, where its share may have changed.
class BytesInFlight {
 public:
  // `network` outlives it.
  BytesInFlight(const env::Network& network, std::size_t bytes_max)
      : network_(network), bytes_max_(static_cast<std::int64_t>(bytes_max)) {}

  void look() { queued_ = static_cast<std::int64_t>(network_.queued_bytes()); }
  // As of the last look.
  [[nodiscard]] std::int64_t total() const { return queued_ + here_; }
  [[nodiscard]] std::int64_t bytes_max() const { return bytes_max_; }
  // From here on nobody is read from who does not take what it has been sent.
  [[nodiscard]] bool is_high() const { return total() >= bytes_max_; }
  // Events, and frames that come little by little, can't be made to wait: beyond this, who has the most is cut off.
  [[nodiscard]] bool is_too_high() const { return total() > 2 * bytes_max_; }
  // Who cuts off goes on until there is room for a while: finding out who has the most takes time.
  [[nodiscard]] bool is_still_too_high() const { return total() > 2 * bytes_max_ - bytes_max_ / 4; }

  // Of what lies in the connections' own buffers; what a transport has that will be closed is taken off beforehand.
  void add(std::int64_t bytes) { here_ += bytes; }

 private:
  const env::Network& network_;
  std::int64_t bytes_max_;
  std::int64_t queued_ = 0;
  std::int64_t here_ = 0;
};

}  // namespace quoll::server
