// A number that many clients change.
//
// The znode holds it as decimal text. A change reads it and writes it with the version that was read; if another client
// was faster, it begins again after a short random time.
// - The answer to the write is lost: if the version is still the old one after another write of this session (refused,
//   Steps::sure_order), it has not happened, and never will; it is made again. Otherwise it is not
//   known whether the new value is this client's, and the call fails with Fate::may_be_applied.
// - The znode does not exist: it is created with 0. It holds something else than a number: marshalling_error.
#pragma once

#include <cstdint>
#include <string>

#include "client/steps.h"

namespace quoll::recipes {

// It must be destroyed before the client, and not inside its own functions.
class Counter {
 public:
  Counter(client::Client& client, const client::World& world, std::string path)
      : steps_(client, world), path_(std::move(path)) {}

  // The value, as far as the connected server knows.
  void get(client::Done<std::int64_t> done);
  // Adds, and gives the new value. bad_arguments if it does not fit into 64 bits.
  void add(std::int64_t delta, client::Done<std::int64_t> done);
  // As add, as a step of another recipe's task.
  client::Task<client::Result<std::int64_t>> added(std::int64_t delta);
  [[nodiscard]] bool may_repeat(const client::Failure& failure) const { return steps_.may_repeat(failure); }

 private:
  struct Value {
    std::int64_t number = 0;
    std::int32_t version = 0;
  };
  client::Task<client::Result<Value>> read();
  client::Task<client::Result<std::int64_t>> value();
  client::Task<client::Result<bool>> is_unchanged(std::int32_t version);

  client::Steps steps_;
  const std::string path_;
  client::Life life_;
};

}  // namespace quoll::recipes
