// All limits of a server. Defaults are Apache's where it has the limit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quoll::server {

struct Limits {
  // Longest frame, and longest string or buffer inside one: jute.maxbuffer, + extrasize. Beyond: the connection is
  // closed.
  std::int64_t frame_bytes_max = 0xfffff;
  std::int64_t buffer_bytes_max = std::int64_t{2} * 0xfffff;
  // maxClientCnxns: connections per address; 0: no limit. Beyond: closed immediately.
  int client_connections_max = 60;
  // maxCnxns: connections in total; 0: no limit.
  int connections_max = 0;
  // globalOutstandingLimit: requests waiting for the disk. Beyond: connections that have one of them are not read from.
  int outstanding_max = 1000;
  // largeRequestThreshold (-1: off) and largeRequestMaxBytes: bytes of large requests that are not answered yet.
  // Beyond: the connection is closed.
  std::int64_t large_request_bytes = -1;
  std::int64_t large_requests_bytes_max = 104857600;
  // Output that a client has not read. Beyond the first limit its requests wait; beyond the second the connection is
  // closed.
  std::size_t queued_reply_bytes = std::size_t{4} << 20;
  std::size_t queued_bytes_max = std::size_t{64} << 20;
  // quoll.bytesInFlightMax: bytes that all clients together have not read or have sent incompletely. Beyond:
  // connections that do not read their output are not read from; beyond twice the limit: the connection with the most
  // bytes is closed. The same limit applies to the bytes of requests waiting for the disk: beyond, connections that
  // have one of them are not read from.
  std::size_t in_flight_bytes_max = std::size_t{1} << 30;
  // For requests that wait for the disk or for the request throttle. If true, their connections are not read from.
  [[nodiscard]] bool are_too_many(std::int64_t requests, std::int64_t bytes) const {
    return requests > outstanding_max || bytes > static_cast<std::int64_t>(in_flight_bytes_max);
  }
  // Bytes of requests and replies, and time, in one turn of a connection; then other connections are served. A larger
  // request gets a turn of its own.
  std::size_t turn_bytes = std::size_t{128} << 10;
  std::int64_t turn_us = 2000;
  // Bytes and time of all connections in one event. Beyond: only connections whose last turn was short are still
  // served, up to several times as much.
  std::size_t event_bytes = std::size_t{512} << 10;
  std::int64_t event_us = 4000;
  std::int64_t full_event_us = 20000;
  // Events of one transaction, counted for each watcher, that are sent at once. The others are sent in slices of
  // event_bytes and event_us.
  std::size_t events_at_once = 1000;
  // Bytes of events, counted for each watcher, that wait for their slice. Beyond: no further transaction is applied.
  std::int64_t owed_event_bytes_max = std::int64_t{32} << 20;
  // A turn is short if it took less than this.
  std::size_t short_turn_bytes = std::size_t{16} << 10;
  std::int64_t short_turn_us = 500;
  // Bytes of requests of one connection that wait for the disk. Beyond: it is not read.
  std::int64_t waiting_bytes_max = std::int64_t{8} << 20;
  // The approximate size of replies to queued reads of one connection. Beyond: it is not read. All of them are answered
  // before the next write of the same connection is applied.
  std::int64_t owed_bytes_max = std::int64_t{1} << 20;
  // nio.sessionlessCnxnTimeout: a connection without a session is closed after this time.
  std::int64_t sessionless_ms = 10000;
  // Long answers to four-letter words (cons, dump, stat, wchc, wchp) that are sent at the same time; further ones are
  // queued. An answer is produced only up to this many unread bytes. A reader that reads nothing for sessionless_ms is
  // closed.
  std::size_t long_answers_max = 4;
  std::size_t long_answer_bytes = std::size_t{256} << 10;
  // Identities that one connection may collect by addauth. Beyond: auth_failed.
  std::size_t identities_max = 1000;
  // The total length of these identities, schemes and ids together.
  std::size_t identities_bytes_max = std::size_t{64} << 10;
};

// RequestThrottler and BlueThrottle (ZooKeeper properties of the same names).
struct Throttles {
  int requests_max = 0;         // request_throttle_max_requests; 0: off
  std::int64_t op_wait_ms = 0;  // throttled_op_wait_time: requests that waited longer are answered THROTTLEDOP; 0: off
  int connection_tokens = 0;    // connection_throttle_tokens; 0: off
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
