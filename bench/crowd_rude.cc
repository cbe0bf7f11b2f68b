// Crowds of connections: those that only stand there, those that read nothing, drip, or come and go at once.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "crowds.h"
#include "plain_socket.h"

namespace zkload {

namespace {

// As many sessions are asked for at once; a server's queue of unaccepted connections holds more.
constexpr std::size_t kAtOnce = 100;

// One address has 28,000 ports; 10,000 of each are used.
int source_of(std::uint64_t number, const Arguments& arguments) {
  return static_cast<int>(arguments.number("source", 2) + number / 10'000);
}

std::vector<PlainSocket> sessions(const Arguments& arguments, std::uint64_t count, int receive_buffer_bytes = 0) {
  const auto timeout_ms = static_cast<std::int32_t>(arguments.number("timeout-ms", 30'000));
  std::vector<PlainSocket> all;
  while (all.size() < count) {
    const std::size_t first = all.size();
    for (std::size_t i = first; i < std::min<std::size_t>(count, first + kAtOnce); ++i) {
      all.emplace_back(arguments.port(), source_of(i, arguments), receive_buffer_bytes);
      all.back().ask_for_session(timeout_ms);
    }
    for (std::size_t i = first; i < all.size(); ++i) all[i].take_session();
  }
  return all;
}

}  // namespace

void open_connections(const Arguments& arguments) {
  auto all = sessions(arguments, arguments.number("count", 1000));
  say_ready();
  std::string ping;
  encode_header_only(ping, kPingXid, kPing);
  // Each pings every few seconds, spread evenly.
  const std::uint64_t rounds_ms = arguments.number("ping-every-ms", 3000);
  std::uint64_t answered = 0;
  std::size_t at = 0;
  const std::uint64_t start = now_ns();
  std::uint64_t sent = 0;
  while (!is_over(5)) {
    const std::uint64_t due = (now_ns() - start) / 1'000'000 * all.size() / rounds_ms;
    for (; sent < due; ++sent, at = (at + 1) % all.size()) {
      // The answer to the ping before this one has long been there.
      if (sent >= all.size()) {
        all[at].receive_reply();
        ++answered;
      }
      all[at].send(ping);
    }
  }
  std::printf("{\"connections\":%zu,\"pings_answered\":%llu}\n", all.size(), static_cast<unsigned long long>(answered));
}

void read_nothing(const Arguments& arguments) {
  auto all = sessions(arguments, arguments.number("count", 100), 4096);
  const std::string path = arguments.text("path", "/big");
  std::string request;
  encode_read(request, 1, kGetData, path);
  for (PlainSocket& one : all) one.make_non_blocking();
  say_ready();
  std::uint64_t requests = 0;
  std::uint64_t closed = 0;
  while (!is_over(10)) {
    for (PlainSocket& one : all) {
      // Until its own socket is full: a server that goes on reading must queue a megabyte for each of these.
      for (int i = 0; one.fd() >= 0 && i < 100; ++i) {
        const auto sent = ::send(one.fd(), request.data(), request.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(request.size())) {
          ++requests;
          continue;
        }
        if (sent > 0 || errno == EAGAIN) {
          // A cut request would spoil the stream; none is sent behind it.
          if (sent > 0) ::shutdown(one.fd(), SHUT_WR);
          break;
        }
        ++closed;
        one.close();
      }
    }
  }
  std::printf("{\"requests\":%llu,\"closed_by_the_server\":%llu}\n", static_cast<unsigned long long>(requests),
              static_cast<unsigned long long>(closed));
}

void drip(const Arguments& arguments) {
  auto all = sessions(arguments, arguments.number("count", 200));
  std::string request;
  encode_read(request, 1, kExists, arguments.text("path", "/probe"));
  say_ready();
  const std::uint64_t gap_ms = arguments.number("gap-ms", 5);
  std::uint64_t bytes = 0;
  std::uint64_t replies = 0;
  for (std::size_t at = 0; !is_over(static_cast<int>(gap_ms)); at = (at + 1) % request.size()) {
    for (PlainSocket& one : all) one.send(std::string_view(request).substr(at, 1));
    bytes += all.size();
    if (at + 1 < request.size()) continue;
    for (PlainSocket& one : all) one.receive_reply();
    replies += all.size();
  }
  std::printf("{\"bytes\":%llu,\"replies\":%llu}\n", static_cast<unsigned long long>(bytes),
              static_cast<unsigned long long>(replies));
}

void flood(const Arguments& arguments) {
  say_ready();
  std::uint64_t count = 0;
  const linger reset{1, 0};
  while (!is_over(0)) {
    for (int i = 0; i < 50; ++i, ++count) {
      PlainSocket one(arguments.port(), 2 + static_cast<int>(count % 50));
      // Closed by a reset, so that no port stays taken behind it.
      ::setsockopt(one.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
  }
  std::printf("{\"connects\":%llu}\n", static_cast<unsigned long long>(count));
}

}  // namespace zkload
