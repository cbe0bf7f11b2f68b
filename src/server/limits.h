// Everything that can grow has a limit, and all limits stand here: Apache's defaults where it has one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quoll::server {

struct Limits {
  // Longest frame, longest string or buffer inside one: jute.maxbuffer, + extrasize. Beyond: the connection is closed.
  std::int64_t frame_bytes_max = 0xfffff;
  std::int64_t buffer_bytes_max = 2 * 0xfffff;
  // maxClientCnxns: connections from one address; 0: no limit. Beyond: closed at once.
  int client_connections_max = 60;
  // maxCnxns: connections in all; 0: no limit.
  int connections_max = 0;
  // globalOutstandingLimit: requests that wait for the disk; beyond, connections with a request under way are not read
  // from.
  int outstanding_max = 1000;
  // largeRequestThreshold (-1: off) and largeRequestMaxBytes: bytes of large requests under way; beyond: the connection
  // is closed.
  std::int64_t large_request_bytes = -1;
  std::int64_t large_requests_bytes_max = 104857600;
  // Output that a client has not taken: beyond the first, its requests wait; beyond the second, the connection is
  // closed.
  std::size_t queued_reply_bytes = std::size_t{4} << 20;
  std::size_t queued_bytes_max = std::size_t{64} << 20;
  // quoll.bytesInFlightMax: what all clients together have not taken or not sent to the end. Beyond, who does not take
  // its output is not read from; at twice as much, who has the most is cut off. Requests that wait for the disk may
  // have as much; beyond, connections with a request under way are not read from.
  std::size_t in_flight_bytes_max = std::size_t{1} << 30;
  // Of requests that wait, for the disk or for the request throttle: who sends them is not read from.
  [[nodiscard]] bool are_too_many(std::int64_t requests, std::int64_t bytes) const {
    return requests > outstanding_max || bytes > static_cast<std::int64_t>(in_flight_bytes_max);
  }
  // Bytes of requests and replies, and time, after which a connection's further requests wait until others have been
  // served. A request that takes more than that has a turn for itself.
  std::size_t turn_bytes = std::size_t{128} << 10;
  std::int64_t turn_us = 2000;
  // After so much of all connections in one event, those wait for a turn that are not known to ask for little; those
  // that are wait after several times as much.
  std::size_t event_bytes = std::size_t{512} << 10;
  std::int64_t event_us = 4000;
  std::int64_t full_event_us = 20000;
  // A connection is known to ask for little while its last turn took less than this.
  std::size_t short_turn_bytes = std::size_t{16} << 10;
  std::int64_t short_turn_us = 500;
  // Requests of one connection that wait for the disk, in bytes; beyond, it is not read from.
  std::int64_t waiting_bytes_max = std::int64_t{8} << 20;
  // What the replies to reads that wait behind a write will take, roughly; beyond, the connection is not read from. All
  // of them are answered before the next write of the same connection is applied.
  std::int64_t owed_bytes_max = std::int64_t{1} << 20;
  // nio.sessionlessCnxnTimeout: a connection without a session is closed after this.
  std::int64_t sessionless_ms = 10000;
  // Four-letter words with a long answer (cons, dump, stat, wchc, wchp) told at once; later ones wait in line. Of each,
  // no more is prepared while its reader has so many bytes to take; who takes none for sessionless_ms is cut off.
  std::size_t long_answers_max = 4;
  std::size_t long_answer_bytes = std::size_t{256} << 10;
  // Identities that one connection may gather by addauth. Beyond: auth_failed.
  std::size_t identities_max = 1000;
  // ... and so many bytes of them, schemes and ids together.
  std::size_t identities_bytes_max = std::size_t{64} << 10;
};

// RequestThrottler and BlueThrottle (ZooKeeper properties of the same names).
struct Throttles {
  int requests_max = 0;                    // request_throttle_max_requests; 0: off
  std::int64_t op_wait_ms = 0;             // throttled_op_wait_time: longer waits are answered THROTTLEDOP; 0: off
  int connection_tokens = 0;               // connection_throttle_tokens; 0: off
  std::int64_t connection_fill_ms = 1;     // connection_throttle_fill_time
  int connection_fill_count = 1;           // connection_throttle_fill_count
  std::int64_t connection_freeze_ms = -1;  // connection_throttle_freeze_time; -1: off
  double connection_drop_increase = 0.02;
  double connection_drop_decrease = 0.002;
  double connection_decrease_ratio = 0;
  bool connection_weights = false;
  int weight_global_session = 3;
  int weight_local_session = 1;
  int weight_renew_session = 2;
};

}  // namespace quoll::server
