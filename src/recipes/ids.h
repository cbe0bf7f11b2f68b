// Numbers that nobody else gets.
//
// BlockIds takes blocks of a counter (counter.h) and gives their numbers one by one: increasing for each user, one
// write for many ids. What is left of a block when its user ends is lost; so is a block when the answer is.
//
// SnowflakeIds makes 64-bit numbers from the time (41 bits, ms since 2020), a worker id (10 bits) and a sequence number
// (12 bits), without a write for each, in the order of time.
//   <path>/workers/<n>  ephemeral: the lease of a worker id
//   <path>/marks/<n>    up to which time ids with this worker id may have been made
// A worker makes ids up to its mark only, and moves the mark before that with a multi that checks the lease; the next
// holder of the worker id begins behind the mark. So no id is made twice, whatever the clocks say and however long a
// worker was suspended: the mark decides, not the time.
// - The clock is behind the mark, or goes back: ids are made from the mark on, as if it were that late.
// - The session is over, or the lease was deleted: never an id above the mark is given: next() fails. If only the lease
// was deleted, another worker id is
//   leased with the next call.
// - The answer to the lease or the mark is lost: the worker reads them again.
// - All worker ids are taken: quota_exceeded.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "client/steps.h"
#include "recipes/counter.h"

namespace quoll::recipes {

// Both must be destroyed before the client, and not inside their own functions.
class BlockIds {
 public:
  // The znode at `path` is a counter: the last id of the last block.
  BlockIds(client::Client& client, const client::World& world, std::string path, std::int64_t block = 1000)
      : counter_(client, world, std::move(path)), block_(block), timers_(world.timers) {}
  void next(client::Done<std::int64_t> done);

 private:
  client::Task<client::Result<void>> refill();
  void serve(const client::Result<void>& refilled);

  Counter counter_;
  const std::int64_t block_;
  env::Timers& timers_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::deque<client::Done<std::int64_t>> waiting_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  client::Life life_;
};

class SnowflakeIds {
 public:
  static constexpr std::int64_t kEpochMs = 1'577'836'800'000;  // 2020-01-01
  static constexpr int kWorkersMax = 1024;
  static constexpr std::int64_t kSequenceMax = 4096;
  static constexpr std::int64_t kAheadMs = 5000;  // how far the mark is moved

  SnowflakeIds(client::Client& client, const client::World& world, std::string path);
  void next(client::Done<std::int64_t> done);
  [[nodiscard]] int worker() const { return worker_; }  // -1: none yet

 private:
  client::Task<client::Result<std::int64_t>> make();
  client::Task<client::Result<void>> lease();
  client::Task<client::Result<bool>> take(int worker);
  client::Task<client::Result<void>> move_mark();
  client::Task<client::Result<void>> extend();
  [[nodiscard]] std::vector<int> free_workers(const std::vector<std::string>& taken);
  [[nodiscard]] std::vector<client::Operation> mark_write(std::int64_t mark_ms) const;
  [[nodiscard]] std::string lease_path() const;
  [[nodiscard]] std::string mark_path() const;
  [[nodiscard]] std::int64_t now_ms() const { return steps_.world().clock.wall_ms() - kEpochMs; }

  client::Steps steps_;
  const std::string path_;
  int worker_ = -1;
  std::int64_t time_ms_ = 0;        // of the last id
  std::int64_t sequence_ = 0;       // of the next one
  std::int64_t mark_ms_ = -1;       // ids up to this time may be made
  std::int32_t mark_version_ = -1;  // -1: it does not exist
  bool is_extending_ = false;
  std::vector<std::shared_ptr<client::Signal>> waiting_;
  client::Life life_;
};

}  // namespace quoll::recipes
