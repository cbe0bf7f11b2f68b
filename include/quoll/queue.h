// A queue with priorities and delays, whose items are acknowledged when the work is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "quoll/client.h"

namespace quoll::zk {

struct QueueOptions {
  std::string path;                 // created if it is missing
  std::int32_t items_max = 10'000;  // put() fails with quota_exceeded when there are as many
};

struct PutOptions {
  std::int32_t priority = 500;         // 0 to 999; smaller ones are taken first
  std::chrono::milliseconds delay{0};  // not taken before, by the clocks of the machines
};

struct QueueItem {
  std::string name;
  std::string data;
};

// Every item is delivered at least once: when a consumer's session ends before it has acknowledged, another one gets
// the item. Any thread may use it, several at once. The client must outlive it.
class QUOLL_API Queue {
 public:
  Queue(Client& client, QueueOptions options);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  Result<void> put(const std::string& data, PutOptions options = {});
  // Waits for an item; request_timeout after `patience` (0: as long as it takes).
  Result<QueueItem> take(std::chrono::milliseconds patience = std::chrono::milliseconds{0});
  // The work is done. no_node: the item is not this consumer's any more.
  Result<void> acknowledge(const QueueItem& item);
  Result<void> give_back(const QueueItem& item);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
