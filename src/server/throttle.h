// Two optional throttles: tokens for new sessions (org.apache.zookeeper.server.BlueThrottle), and a queue for requests
// above a number in progress (RequestThrottler). Both are off by default.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/client_connection.h"
#include "server/connections.h"
#include "server/core.h"

namespace quoll::server {

// A token bucket with random early refusal. Time is an argument.
class ConnectionThrottle {
 public:
  ConnectionThrottle(const Throttles& options, std::int64_t now_ms);
  // Takes `tokens` and returns true, or returns false. `dice` is uniform in [0, 1).
  bool admits(int tokens, std::int64_t now_ms, double dice);
  [[nodiscard]] int tokens_for_new_session() const {
    return options_.connection_weights ? options_.weight_global_session : 1;
  }
  [[nodiscard]] int tokens_for_renewal() const {
    return options_.connection_weights ? options_.weight_renew_session : 1;
  }
  [[nodiscard]] double drop_chance() const { return drop_; }
  [[nodiscard]] int deficit() const { return max_ - tokens_; }

 private:
  Throttles options_;
  int max_;
  int fill_count_;
  int tokens_;
  std::int64_t last_fill_ms_;
  std::int64_t last_freeze_ms_;
  double drop_ = 0;
};

class Throttle {
 public:
  Throttle(const Core& core, Metrics& metrics);
  [[nodiscard]] ConnectionThrottle& connections() { return connections_; }
  [[nodiscard]] const ConnectionThrottle& connections() const { return connections_; }

  struct ThrottledRequest {
    ConnectionId connection;
    RequestHeader header;
    std::string body;
    std::int64_t since_ms = 0;
    std::size_t identities = 0;  // how many identities the client had when the request arrived
  };
  // True: the request was queued here until fewer are in progress. If too many requests (globalOutstandingLimit) or
  // bytes are queued, their connections are not read from.
  bool keeps(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t in_progress);
  // The next request that may proceed; nullopt if none may.
  std::optional<ThrottledRequest> next(std::int64_t in_progress);
  // One of the connection's requests, with `bytes` bytes, has left the queue.
  void note_left(ClientConnection& connection, std::size_t bytes);
  // True if this request has waited so long that it is answered THROTTLEDOP.
  [[nodiscard]] bool is_too_late(const ThrottledRequest& request);
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  // Resumes the connections that are not read from, if few enough requests are queued.
  void release_held(Connections& connections);

 private:
  [[nodiscard]] bool are_too_many() const;
  [[nodiscard]] bool are_too_many_of(const ClientConnection& connection) const;

  const Core& core_;
  Metrics& metrics_;
  ConnectionThrottle connections_;
  std::deque<ThrottledRequest> queue_;
  std::int64_t bytes_ = 0;  // of the queued requests' bodies
  std::vector<ConnectionId> held_;
};

}  // namespace quoll::server
