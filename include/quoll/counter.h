// A number that many clients change, and numbers that nobody else gets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "quoll/client.h"

namespace quoll::zk {

// Any thread may use these, several at once. The client must outlive them. Their znodes are created when they are
// missing.
class QUOLL_API Counter {
 public:
  Counter(Client& client, std::string path);
  ~Counter();
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  // As the connected server knows it. marshalling_error: the znode holds no number.
  Result<std::int64_t> get();
  // The new value. Only with Fate::may_be_applied is it not known whether it has been added.
  Result<std::int64_t> add(std::int64_t delta);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Increasing numbers from 1, in blocks of a counter: one write for each block. Numbers of a block that are not used are
// lost, never given twice.
class QUOLL_API BlockIds {
 public:
  BlockIds(Client& client, std::string path, std::int64_t block = 1000);
  ~BlockIds();
  BlockIds(const BlockIds&) = delete;
  BlockIds& operator=(const BlockIds&) = delete;
  Result<std::int64_t> next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// 64-bit numbers in the order of time: 41 bits of ms since 2020, 10 bits of a worker id that is leased from the
// servers, 12 bits of a sequence. No two are equal, whatever the clocks say. quota_exceeded: all 1024 worker ids are
// leased.
class QUOLL_API SnowflakeIds {
 public:
  SnowflakeIds(Client& client, std::string path);
  ~SnowflakeIds();
  SnowflakeIds(const SnowflakeIds&) = delete;
  SnowflakeIds& operator=(const SnowflakeIds&) = delete;
  Result<std::int64_t> next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
