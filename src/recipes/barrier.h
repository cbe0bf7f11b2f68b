// Barriers: many clients wait for one event, or for each other.
//
// Barrier: while the znode exists, everybody waits. wait() watches it, and looks again after each event, so that
// nothing is missed when the znode is removed and set again.
//
// DoubleBarrier: nobody begins before `count` members are there, and nobody goes on before all have finished.
//   <path>/<uuid>  ephemeral: a member        <path>/ready  there are enough
// The member that finds itself among `count` creates `ready`, for which the others wait: one event for each of them. A
// member that leaves removes its znode and waits until there are no others; each waits for one other znode at a time.
// - A member dies before it is complete: its znode goes with its session, and another one is needed.
// - A member dies inside: the others see it leave.
// - The member that should create `ready` dies before: it is one less, and whoever makes up the number creates it.
// - Answers are lost: members find their own znodes by their names.
// Each use needs a path of its own: who enters while others leave would find them ready.
#pragma once

#include <cstdint>
#include <string>

#include "client/steps.h"

namespace quoll::recipes {

// Both must be destroyed before the client, and not inside their own functions.
class Barrier {
 public:
  Barrier(client::Client& client, const client::World& world, std::string path)
      : steps_(client, world), path_(std::move(path)) {}
  void set(client::Done<void> done);
  void lift(client::Done<void> done);
  // `timeout_ms`: 0 for as long as it takes; then request_timeout.
  void wait(std::int64_t timeout_ms, client::Done<void> done);

 private:
  client::Task<client::Result<void>> wait_gone(std::int64_t timeout_ms);
  client::Steps steps_;
  const std::string path_;
  client::Life life_;
};

class DoubleBarrier {
 public:
  DoubleBarrier(client::Client& client, const client::World& world, std::string path, std::int32_t count);
  // Waits until `count` members have entered; request_timeout, and this member is not in, after `timeout_ms` (0: none).
  void enter(std::int64_t timeout_ms, client::Done<void> done);
  // Waits until all have left. After request_timeout this member has left, and others have not.
  void leave(std::int64_t timeout_ms, client::Done<void> done);

 private:
  client::Task<client::Result<void>> go_in(std::int64_t timeout_ms);
  client::Task<client::Result<void>> wait_ready(std::int64_t until_ms);
  client::Task<client::Result<void>> go_out(std::int64_t timeout_ms);

  client::Steps steps_;
  const std::string path_;
  const std::int32_t count_;
  const std::string own_;
  client::Life life_;
};

}  // namespace quoll::recipes
