// The sessions that a learner has heard from since it last told the leader, which alone decides what has expired
// (org.apache.zookeeper.server.quorum.LearnerSessionTracker).
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "types/ids.h"

namespace quoll::session {

class Touches {
 public:
  // False: the session's end has been asked for at this server.
  bool touch(SessionId id, std::int32_t timeout_ms);
  void set_closing(SessionId id);
  void remove(SessionId id);
  void clear();

  // What has been touched since the last call.
  [[nodiscard]] std::unordered_map<SessionId, std::int32_t> take() { return std::exchange(touched_, {}); }

 private:
  std::unordered_map<SessionId, std::int32_t> touched_;
  std::unordered_set<SessionId> closing_;
};

}  // namespace quoll::session
