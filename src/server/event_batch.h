// Events of one transaction for the same watchers, encoded once for all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "wire/client_frames.h"

namespace quoll::server {

struct EventBatch {
  // What handing a batch to a connection costs beside its bytes, expressed in bytes.
  static constexpr std::int64_t kCost = 64;

  std::string frames;
  std::int64_t events = 0;
  // Without the length prefixes.
  std::int64_t events_bytes = 0;
  std::int64_t smallest_bytes = INT64_MAX;
  std::int64_t largest_bytes = 0;
  std::int64_t last_bytes = 0;

  void add(const ReplyHeader& header, const WatcherEvent& event) {
    const std::size_t before = frames.size();
    wire::append_event(header, event, frames);
    last_bytes = static_cast<std::int64_t>(frames.size() - before) - 4;
    ++events;
    events_bytes += last_bytes;
    smallest_bytes = std::min(smallest_bytes, last_bytes);
    largest_bytes = std::max(largest_bytes, last_bytes);
  }
  [[nodiscard]] std::int64_t cost() const { return kCost + static_cast<std::int64_t>(frames.size()); }
};

}  // namespace quoll::server
