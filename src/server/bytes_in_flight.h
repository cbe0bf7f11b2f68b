// The number of bytes that all clients together have sent and that are not decoded yet, plus those that they have not
// read yet. One sum with one limit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "env/network.h"

namespace quoll::server {

// All queries are O(1): they run for every reply. Therefore the network's queue is not queried each time, but only by
// refresh(), where it may have changed.
class BytesInFlight {
 public:
  // `network` must outlive this object.
  BytesInFlight(const env::Network& network, std::size_t bytes_max)
      : network_(network), bytes_max_(static_cast<std::int64_t>(bytes_max)) {}

  void refresh() { queued_ = static_cast<std::int64_t>(network_.queued_bytes()); }
  // The exact sum, for reports.
  [[nodiscard]] std::int64_t measure() const { return static_cast<std::int64_t>(network_.queued_bytes()) + buffered_; }
  // As of the last refresh().
  [[nodiscard]] std::int64_t total() const { return queued_ + buffered_; }
  [[nodiscard]] std::int64_t bytes_max() const { return bytes_max_; }
  // Above this, connections that do not read their output are not read from.
  [[nodiscard]] bool is_high() const { return total() >= bytes_max_; }
  // Events, and frames that arrive in pieces, cannot be delayed. Above this, the connection with the most bytes is
  // closed.
  [[nodiscard]] bool is_too_high() const { return total() > 2 * bytes_max_; }
  // Closing continues until the sum is clearly below that limit, because finding the largest connection takes time.
  [[nodiscard]] bool is_still_too_high() const { return total() > 2 * bytes_max_ - bytes_max_ / 4; }

  // Adds to the bytes in the connections' own buffers. When a connection is about to be closed, its transport's queued
  // bytes are subtracted in advance.
  void add(std::int64_t bytes) { buffered_ += bytes; }

  // Events that wait until their connection takes them, counted for each connection. They are in memory only once, and
  // are not part of the total.
  void add_owed_events(std::int64_t bytes) { owed_events_ += bytes; }
  [[nodiscard]] std::int64_t owed_events() const { return owed_events_; }

 private:
  const env::Network& network_;
  std::int64_t bytes_max_;
  std::int64_t queued_ = 0;
  std::int64_t buffered_ = 0;
  std::int64_t owed_events_ = 0;
};

}  // namespace quoll::server
