// A lock that only one of its users holds at a time, on all machines; also a leader election, and a semaphore.
//
// Fair: users hold in the order in which they have asked. The znodes are those of Apache Curator's recipes, so that
// both can use the same lock. A holder that is suspended (a stopped process, a long page fault) does not notice that
// its session has ended and another one holds. What it then writes must not count, so holders write with write(): the
// server checks, in the same transaction, that the lock is still held. Systems other than ZooKeeper can compare tokens.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "quoll/client.h"

namespace quoll::zk {

// The names of Curator's read-write locks: readers hold together, a writer holds alone, in the order in which they
// came.
inline constexpr const char* kReaders = "__READ__";
inline constexpr const char* kWriters = "__WRIT__";

struct LockOptions {
  // "lock-" is the name of Curator's locks, "latch-" of its leader latches; kReaders or kWriters.
  std::string name = "lock-";
  std::string data = {};        // of this user's znode: who it is, for people
  std::size_t holders_max = 1;  // more than 1: a semaphore
};

// Any thread may use it, one at a time.
class QUOLL_API Lock {
 public:
  // The client must outlive the lock. `path` is created with the first acquire.
  Lock(Client& client, std::string path, LockOptions options = {});
  // Releases.
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  // Waits until this user holds, or until `patience` has passed (request_timeout; 0: as long as it takes). The result
  // is the token: larger than that of any holder before. Only when this user neither holds nor waits.
  Result<std::int64_t> acquire(std::chrono::milliseconds patience = std::chrono::milliseconds{0});
  // As Client::multi, if the lock is held when the server carries it out. Otherwise nothing happens, and the failure is
  // no_node at operation 0; `operations` count from 1.
  Result<std::vector<OperationResult>> write(const std::vector<Operation>& operations);
  // True as long as nobody else can hold. False at the latest when the session has not been proven alive for two thirds
  // of its timeout.
  [[nodiscard]] bool surely_held() const;
  void release();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Several locks, or none of them. Users of the same locks cannot wait for each other.
class QUOLL_API MultiLock {
 public:
  // The client must outlive it. The paths differ.
  MultiLock(Client& client, const std::vector<std::string>& paths);
  // Releases.
  ~MultiLock();
  MultiLock(const MultiLock&) = delete;
  MultiLock& operator=(const MultiLock&) = delete;

  // Waits until all are held, or until `patience` has passed (request_timeout; 0: as long as it takes): then none is.
  Result<void> acquire(std::chrono::milliseconds patience = std::chrono::milliseconds{0});
  // As Client::multi, if all locks are held when the server carries it out; `operations` count from the number of
  // locks.
  Result<std::vector<OperationResult>> write(const std::vector<Operation>& operations);
  [[nodiscard]] bool surely_held() const;
  void release();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
