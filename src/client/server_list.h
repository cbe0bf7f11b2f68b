// The order in which servers are tried, and how long to wait before each attempt.
#pragma once

#include <cstdint>
#include <vector>

#include "client/options.h"
#include "env/random.h"

namespace quoll::client {

// Goes round the servers in a random order. Clients that lose a server at the same moment spread over the others at
// once; only when all servers have refused does a client wait, longer with each round, up to a maximum.
class ServerList {
 public:
  ServerList(const Options& options, env::Random& random);

  // The next server, and the time in ms before it should be tried.
  struct Attempt {
    Endpoint server;
    std::int64_t delay_ms = 0;
  };
  Attempt next();
  // A server other than this one, in turn; there must be two. It costs no attempt.
  const Endpoint& other_than(const Endpoint& server);
  // A server has accepted the session: the next loss begins without delay.
  void succeeded() { attempts_ = 0; }
  [[nodiscard]] std::size_t count() const { return servers_.size(); }

 private:
  std::vector<Endpoint> servers_;
  const std::int64_t backoff_ms_;
  const std::int64_t backoff_ms_max_;
  env::Random& random_;
  std::size_t next_ = 0;
  std::uint64_t attempts_ = 0;  // since the last success
};

}  // namespace quoll::client
