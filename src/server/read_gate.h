// The reasons why a connection is not read. Each reason is a bit with one owner; the connection is read when none is
// set.
#pragma once

#include <cstdint>

namespace quoll::server {

class ReadGate {
 public:
  enum class Reason : std::uint8_t {
    outstanding = 1,   // too many requests, or bytes of them, wait for the disk (Requests)
    throttled = 2,     // too many requests are queued in the request throttle (Throttle)
    own_requests = 4,  // this connection's own queued requests, or their replies, are too many bytes (Requests)
    turn = 8,          // its turn is over and it waits for the next one (ClientConnection)
    cut_off = 16,      // it is closed at the end of the event (Connections)
  };

  void close(Reason reason) { reasons_ |= bit(reason); }
  void open(Reason reason) { reasons_ &= static_cast<std::uint8_t>(~bit(reason)); }
  [[nodiscard]] bool is_closed_by(Reason reason) const { return (reasons_ & bit(reason)) != 0; }
  [[nodiscard]] bool is_open() const { return reasons_ == 0; }

 private:
  static constexpr std::uint8_t bit(Reason reason) { return static_cast<std::uint8_t>(reason); }
  std::uint8_t reasons_ = 0;
};

}  // namespace quoll::server
