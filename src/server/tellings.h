// Long answers under way: a few at once, a piece of one at a time, and none faster than its reader reads.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "server/connections.h"
#include "server/core.h"
#include "server/long_answer.h"

namespace quoll::server {

// Apache writes a long answer to a four-letter word in pieces of so many bytes, and counts each as a packet.
inline constexpr std::int64_t kWordPacketBytes = 8192;

class Tellings {
 public:
  Tellings(Core& core, Connections& connections) : core_(core), connections_(connections) {}

  // The connection closes when all is told.
  void begin(ClientConnection& to, std::unique_ptr<LongAnswer> answer);
  // Its output has gone.
  void on_room(ConnectionId to);
  void forget(ConnectionId to);
  // Drops who does not read.
  void sweep();
  [[nodiscard]] std::size_t under_way() const { return ready_.size() + blocked_.size(); }

 private:
  struct Telling {
    ConnectionId to;
    std::unique_ptr<LongAnswer> answer;
    std::int64_t bytes = 0;
    std::int64_t blocked_since_ms = 0;
  };
  void let_in();
  void tell_later();
  void tell_next();

  Core& core_;
  Connections& connections_;
  std::deque<Telling> in_line_;
  std::deque<Telling> ready_;
  std::unordered_map<ConnectionId, Telling> blocked_;
  std::unique_ptr<env::Timer> timer_;
};

}  // namespace quoll::server
