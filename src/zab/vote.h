// What a server votes for in an election, and what it says about it (org.apache.zookeeper.server.quorum.Vote and
// FastLeaderElection.Notification).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

#include "types/ids.h"

namespace quoll::zab {

// The numbers are those on the wire (QuorumPeer.ServerState).
enum class State : std::int32_t { looking = 0, following = 1, leading = 2, observing = 3 };

// A server that may not lead votes for nobody: each of its three numbers is the least there is, so that every other
// vote is better.
inline constexpr std::int64_t kNoVote = std::numeric_limits<std::int64_t>::min();

// A candidate and how recent its history is. The members are in the order in which votes are compared.
struct Vote {
  Epoch epoch{kNoVote};  // the candidate's current epoch
  Zxid zxid{kNoVote};    // the last transaction of its log
  ServerId leader{kNoVote};
  friend auto operator<=>(const Vote&, const Vote&) = default;
};

struct Notification {
  State state = State::looking;
  Vote vote;
  // Counts elections (Java: electionEpoch). Only votes of one round are counted together.
  std::int64_t round = 0;
  // 0: before 3.4.6, whose servers do not agree on a vote's epoch once a leader stands; 2: since 3.5.
  std::int32_t version = 2;
  // The sender's configuration as text; zab does not read it.
  std::string config;
};

}  // namespace quoll::zab
