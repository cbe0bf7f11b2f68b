// Two optional brakes: tokens for new sessions (org.apache.zookeeper.server.BlueThrottle) and a waiting room for
// requests beyond a number under way (RequestThrottler). Both are off by default.
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

// Token bucket with random early refusal; time is an argument.
class ConnectionThrottle {
 public:
  ConnectionThrottle(const Throttles& options, std::int64_t now_ms);
  // Takes `tokens`, or says no. `dice` is uniform in [0, 1).
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
  explicit Throttle(Core& core);
  [[nodiscard]] ConnectionThrottle& connections() { return connections_; }

  struct Waiter {
    ConnectionId connection;
    RequestHeader header;
    std::string body;
    std::int64_t since_ms = 0;
    std::size_t identities = 0;  // how many the client had proven when it came
  };
  // True: the request waits here until fewer are under way. When too many do (globalOutstandingLimit), or too many
  // bytes of them, who sends them is not read from.
  bool keeps(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t in_progress);
  // Requests that may go on now, one a call; nullopt: none.
  std::optional<Waiter> next(std::int64_t in_progress);
  // One of the connection's requests, of so many bytes, has left.
  void note_left(ClientConnection& connection, std::size_t bytes);
  // Has this one, who goes on now, waited so long that it is answered THROTTLEDOP?
  [[nodiscard]] bool is_too_late(const Waiter& waiter);
  [[nodiscard]] std::size_t waiting() const { return waiters_.size(); }
  // Those who were not read from are again, once few enough wait.
  void release_held(Connections& connections);

 private:
  [[nodiscard]] bool are_too_many() const;
  [[nodiscard]] bool are_too_many_of(const ClientConnection& connection) const;

  Core& core_;
  ConnectionThrottle connections_;
  std::deque<Waiter> waiters_;
  std::int64_t bytes_ = 0;  // of their bodies
  std::vector<ConnectionId> held_;
};

}  // namespace quoll::server
