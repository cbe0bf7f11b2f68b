// Several locks, or none of them.
//
// The locks are taken one after the other in the order of their paths, so that two users of the same locks cannot wait
// for each other. If one cannot be had in time, those that are held are released. If one of them is lost, the whole is
// lost: write() checks all of them in the transaction of the write.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/steps.h"
#include "recipes/line.h"

namespace quoll::recipes {

// It must be destroyed before the client, and not inside its own functions; release() first.
class MultiLock {
 public:
  // `locks` have different paths.
  MultiLock(client::Client& client, const client::World& world, std::vector<LineOptions> locks);

  // `timeout_ms` is for all of them together; 0: as long as it takes. Only when none is held.
  void acquire(std::int64_t timeout_ms, client::Done<void> done);
  void release(client::Done<void> done);
  // As Client::multi, if all locks are held when the server carries it out. The caller's operations count from the
  // number of locks.
  void write(const std::vector<client::Operation>& operations, client::Done<std::vector<client::OperationResult>> done);
  // Called when one of the locks is lost, once for each acquire.
  void on_lost(std::function<void()> then) { on_lost_ = std::move(then); }
  [[nodiscard]] bool surely_held() const;

 private:
  client::Task<client::Result<void>> take_all(std::int64_t timeout_ms);
  client::Task<client::Result<void>> release_all();
  client::Awaited<Token> take(Line& line, std::int64_t timeout_ms);
  client::Awaited<void> let_go(Line& line);

  client::Steps steps_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::function<void()> on_lost_;
  bool is_held_ = false;
  client::Life life_;
};

}  // namespace quoll::recipes
