// Statistics of a server, with Apache's definitions of latency and packets (org.apache.zookeeper.server.ServerStats).
#pragma once

#include <cstdint>
#include <string_view>

#include "server/event_batch.h"
#include "server/metrics.h"
#include "server/timings.h"

namespace quoll::server {

// Of the transactions that a leader has proposed (org.apache.zookeeper.server.quorum.BufferStats); -1: none yet.
struct ByteSizes {
  std::int64_t last = -1;
  std::int64_t min = -1;
  std::int64_t max = -1;
  void add(std::int64_t bytes) {
    last = bytes;
    if (min < 0 || bytes < min) min = bytes;
    if (bytes > max) max = bytes;
  }
};

struct ServerStats {
  Summary latency_ms;
  std::int64_t packets_received = 0;
  std::int64_t packets_sent = 0;
  std::int64_t last_response_bytes = -1;
  std::int64_t min_response_bytes = -1;
  std::int64_t max_response_bytes = -1;
  ByteSizes proposal_bytes;
  std::int64_t auth_failures = 0;
  std::int64_t fsync_threshold_exceeded = 0;
  Metrics metrics;
  Timings timings;

  // Counts a reply or an event of `bytes`, without the length prefix.
  void on_response(std::int64_t bytes) {
    last_response_bytes = bytes;
    if (min_response_bytes < 0 || bytes < min_response_bytes) min_response_bytes = bytes;
    if (bytes > max_response_bytes) max_response_bytes = bytes;
  }
  void on_events(const EventBatch& batch) {
    if (batch.events == 0) return;
    on_response(batch.smallest_bytes);
    on_response(batch.largest_bytes);
    on_response(batch.last_bytes);
    metrics.watch_bytes += batch.events_bytes;
  }
  // Resets what `srst` resets; failed authentications, slow fsyncs and Quoll's own metrics are not reset.
  void reset() {
    latency_ms.reset();
    packets_received = packets_sent = 0;
    last_response_bytes = min_response_bytes = max_response_bytes = -1;
    proposal_bytes = {};
    metrics.reset();
  }
};

// Statistics of one connection, as `cons` prints them.
struct ConnectionStats {
  std::int64_t established_wall_ms = 0;
  std::int64_t packets_received = 0;
  std::int64_t packets_sent = 0;
  Summary latency_ms;
  // "null" before the first request; "NA" and -1 after a reset (org.apache.zookeeper.server.ServerCnxn).
  std::string_view last_op = "null";
  std::int64_t last_cxid = 0;
  std::int64_t last_zxid = 0;
  std::int64_t last_response_ms = 0;  // elapsed clock
  std::int64_t last_latency_ms = 0;

  void reset() {
    // Not reset: the idle time is measured from the last response.
    const ConnectionStats before = *this;
    *this = ConnectionStats();
    last_op = "NA";
    last_cxid = last_zxid = -1;
    established_wall_ms = before.established_wall_ms;
    last_response_ms = before.last_response_ms;
  }
};

}  // namespace quoll::server
