// Barriers: programs wait for one event, or for each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "quoll/client.h"

namespace quoll::zk {

// Any thread may use these, several at once. The client must outlive them. `patience`: 0 for as long as it takes; then
// request_timeout.
class QUOLL_API Barrier {
 public:
  Barrier(Client& client, std::string path);
  ~Barrier();
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  Result<void> set();
  Result<void> lift();
  // Returns at once if the barrier is not set.
  Result<void> wait(std::chrono::milliseconds patience = std::chrono::milliseconds{0});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Each use needs a path of its own.
class QUOLL_API DoubleBarrier {
 public:
  DoubleBarrier(Client& client, std::string path, std::int32_t count);
  ~DoubleBarrier();
  DoubleBarrier(const DoubleBarrier&) = delete;
  DoubleBarrier& operator=(const DoubleBarrier&) = delete;
  // Waits until `count` members have entered.
  Result<void> enter(std::chrono::milliseconds patience = std::chrono::milliseconds{0});
  // Waits until all have left, or their sessions are over.
  Result<void> leave(std::chrono::milliseconds patience = std::chrono::milliseconds{0});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
