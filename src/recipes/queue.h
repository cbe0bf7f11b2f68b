// A queue whose items are taken, and acknowledged when the work is done.
//
//   <path>/items/<priority>-<due ms>-<uuid>-<number>   persistent sequential: an item and its data
//   <path>/claims/<name of the item>                   ephemeral: somebody works on it
//
// Items come in the order of their priorities (smaller first), then of the times at which they are due, then of their
// numbers. A consumer reads both lists, claims the first item that is due and unclaimed, and works. acknowledge()
// removes item and claim in one transaction; a consumer that dies loses its claim with its session, and another one
// takes the item. So each item is delivered at least once, and acknowledged exactly once.
// - The answer to put is lost: the producer looks for its item by the random part of its name, and puts it once.
// - The answer to a claim is lost: the consumer finds its own name in the claim.
// - The answer to acknowledge is lost: it is made again until the item is gone. If the session is over before, the
// failure
//   says that it may be applied.
// - A consumer that was suspended: its session is over, and its acknowledgement is refused; the item is another's.
// - A claim on an item that has just been acknowledged: the consumer finds no item, and gives the claim up.
// Consumers that wait are all woken by an item, and compete for it; use few consumers that wait, or large items of
// work. Delays are judged by the clocks of the machines: the producer's when it puts, the consumer's when it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/steps.h"

namespace quoll::recipes {

struct QueueOptions {
  std::string path;
  // put() fails with quota_exceeded when there are as many; a list of them must fit into an answer.
  std::int32_t items_max = 10'000;
};

struct PutOptions {
  std::int32_t priority = 500;  // 0 to 999; smaller ones are taken first
  std::int64_t delay_ms = 0;    // not taken before
};

struct QueueItem {
  std::string name;  // for acknowledge and give_back
  std::string data;
};

// A producer, a consumer, or both. It must be destroyed before the client, and not inside its own functions.
class Queue {
 public:
  Queue(client::Client& client, const client::World& world, QueueOptions options);

  void put(std::string data, PutOptions options, client::Done<void> done);
  // The first item. Waits for one; request_timeout after `timeout_ms` (0: none).
  void take(std::int64_t timeout_ms, client::Done<QueueItem> done);
  // The item is done, and nobody gets it again. no_node: it is not this consumer's any more.
  void acknowledge(std::string name, client::Done<void> done);
  // Somebody else shall do it.
  void give_back(std::string name, client::Done<void> done);

 private:
  struct Lists;
  client::Task<client::Result<void>> make_paths();
  client::Task<client::Result<void>> put_once(std::string data, PutOptions options);
  client::Task<client::Result<bool>> is_there(std::string part);
  client::Task<client::Result<QueueItem>> take_first(std::int64_t timeout_ms);
  client::Task<client::Result<Lists>> read(std::shared_ptr<client::Signal> signal);
  client::Task<client::Result<std::optional<QueueItem>>> claim(std::string name);
  client::Task<client::Result<void>> remove_both(std::string name);
  client::Task<client::Result<void>> unclaim(std::string name);
  [[nodiscard]] std::int64_t now_ms() const { return steps_.world().clock.wall_ms(); }

  client::Steps steps_;
  const QueueOptions options_;
  const std::string items_;
  const std::string claims_;
  const std::string own_;        // in the claims
  std::set<std::string> taken_;  // or being claimed
  client::Life life_;
};

}  // namespace quoll::recipes
