// The limits of an HTTP port. They bound its memory and its share of the loop, however many clients it has.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quoll::http {

struct Options {
  // Connections. Beyond: the one that has waited longest for a request is closed in favour of the new one; if all are
  // being answered, the new one is closed.
  std::size_t connections_max = 64;
  // New connections in a second. Beyond: they wait in the kernel's queue.
  int accepts_per_second_max = 200;
  // The request line and all header fields together; Jetty's default. Beyond: status 431.
  std::uint32_t head_bytes_max = 8192;
  // Of a body, which nobody needs. Beyond: status 413.
  std::uint64_t body_bytes_max = std::uint64_t{64} << 10;
  // admin.idleTimeout: how long a connection is kept without a request, how long a request may take to arrive, and how
  // long an answer may wait for a client that reads nothing.
  std::int64_t idle_ms = 30000;
  // An answer is produced in pieces of this size, and not beyond this many bytes that its client has not read.
  std::size_t piece_bytes = std::size_t{32} << 10;
  std::size_t unread_bytes_max = std::size_t{256} << 10;
  // All connections of the port together may use the loop for work_us; after that they rest nine times as long as they
  // worked. So they take a tenth of its time at most.
  std::int64_t work_us = 2000;
  std::int64_t rest_factor = 9;
};

}  // namespace quoll::http
