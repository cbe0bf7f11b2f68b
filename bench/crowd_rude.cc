// Many connections that are idle, that read nothing, that send byte by byte, or that are closed immediately.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "crowds.h"
#include "plain_socket.h"

namespace zkload {

namespace {

// The number of sessions opened at the same time; a server's listen backlog is longer.
constexpr std::size_t kAtOnce = 100;

// One address has 28,000 ports; 10,000 of each are used.
int source_of(std::uint64_t number, const Arguments& arguments) {
  return static_cast<int>(arguments.number("source", 2) + number / 10'000);
}

// Opens sessions until `all` has `count`; calls `meanwhile` after each group, when all of them have a session.
template <typename Meanwhile>
void add_sessions(const Arguments& arguments, std::vector<PlainSocket>& all, std::uint64_t count,
                  int receive_buffer_bytes, Meanwhile&& meanwhile) {
  const auto timeout_ms = static_cast<std::int32_t>(arguments.number("timeout-ms", 30'000));
  while (all.size() < count) {
    meanwhile();
    const std::size_t first = all.size();
    for (std::size_t i = first; i < std::min<std::size_t>(count, first + kAtOnce); ++i) {
      all.emplace_back(arguments.port(), source_of(i, arguments), receive_buffer_bytes);
      all.back().ask_for_session(timeout_ms);
    }
    for (std::size_t i = first; i < all.size(); ++i) all[i].take_session();
  }
}

std::vector<PlainSocket> sessions(const Arguments& arguments, std::uint64_t count, int receive_buffer_bytes = 0) {
  std::vector<PlainSocket> all;
  add_sessions(arguments, all, count, receive_buffer_bytes, [] {});
  return all;
}

// Keeps sessions alive: each sends a ping every `round_ms`; the pings are spread evenly over time.
class Pings {
 public:
  Pings(std::vector<PlainSocket>& all, std::uint64_t round_ms) : all_(all), round_ns_(round_ms * 1'000'000) {
    encode_header_only(ping_, kPingXid, kPing);
  }
  void send_due() {
    const std::uint64_t now = now_ns();
    is_asked_.resize(all_.size());
    while (!all_.empty() && last_ns_ + round_ns_ / all_.size() <= now) {
      last_ns_ += round_ns_ / all_.size();
      at_ = (at_ + 1) % all_.size();
      // The reply to the previous ping has arrived long ago.
      if (is_asked_[at_]) {
        all_[at_].receive_reply();
        ++answered_;
      }
      all_[at_].send(ping_);
      is_asked_[at_] = true;
    }
    if (all_.empty()) last_ns_ = now;
  }
  std::uint64_t answered() const { return answered_; }

 private:
  std::vector<PlainSocket>& all_;
  std::uint64_t round_ns_;
  std::string ping_;
  std::vector<bool> is_asked_;
  std::uint64_t last_ns_ = now_ns();
  std::size_t at_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace

void open_connections(const Arguments& arguments) {
  std::vector<PlainSocket> all;
  Pings pings(all, arguments.number("ping-every-ms", 3000));
  // Opening many sessions takes longer than the timeout of the first one, so it must ping meanwhile.
  add_sessions(arguments, all, arguments.number("count", 1000), 0, [&] { pings.send_due(); });
  say_ready();
  while (!is_over(5)) pings.send_due();
  std::printf("{\"connections\":%zu,\"pings_answered\":%llu}\n", all.size(),
              static_cast<unsigned long long>(pings.answered()));
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
      // Sends until the socket is full: a server that continues to read must queue a megabyte for each request.
      for (int i = 0; one.fd() >= 0 && i < 100; ++i) {
        const auto sent = ::send(one.fd(), request.data(), request.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(request.size())) {
          ++requests;
          continue;
        }
        if (sent > 0 || errno == EAGAIN) {
          // A part of a request was sent, so no further request may follow it.
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
      // Closed by a reset, so that its port is free at once.
      ::setsockopt(one.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
  }
  std::printf("{\"connects\":%llu}\n", static_cast<unsigned long long>(count));
}

}  // namespace zkload
