#include "client/server_list.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace quoll::client {

ServerList::ServerList(const Options& options, env::Random& random)
    : servers_(options.servers),
      backoff_ms_(options.backoff_ms),
      backoff_ms_max_(options.backoff_ms_max),
      random_(random) {
  QUOLL_CHECK(!servers_.empty(), "a client has at least one server");
  for (std::size_t left = servers_.size(); left > 1; --left)
    std::swap(servers_[left - 1], servers_[random_.below(left)]);
}

ServerList::Attempt ServerList::next() {
  constexpr std::uint64_t kDoublingsMax = 20;
  const std::uint64_t rounds = attempts_++ / servers_.size();
  Attempt attempt{servers_[next_], 0};
  next_ = (next_ + 1) % servers_.size();
  if (rounds == 0) return attempt;
  const std::int64_t most = std::min(backoff_ms_max_, backoff_ms_ << std::min(rounds - 1, kDoublingsMax));
  attempt.delay_ms =
      1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(most, 1))));
  return attempt;
}

const Endpoint& ServerList::other_than(const Endpoint& server) {
  const Endpoint& one = servers_[std::exchange(next_, (next_ + 1) % servers_.size())];
  return one == server ? servers_[std::exchange(next_, (next_ + 1) % servers_.size())] : one;
}

}  // namespace quoll::client
