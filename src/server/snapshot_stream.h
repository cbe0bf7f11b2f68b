// Sends the state of this server to a learner: the bytes that follow SNAP (docs/formats/snapshot.md, "On the link from
// a leader").
//
// It begins with the state as it is, and goes on in slices on the loop while transactions are applied. The learner must
// get every transaction after start(), in addition. It pauses while too much is queued on the link.
//
// Destroying it at any time ends it. If the state is replaced, it sends nothing more and never calls `done`: the link
// is of no use any more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "env/posted_call.h"
#include "server/state_walk.h"

namespace quoll::server {

class SnapshotStream {
 public:
  static constexpr std::size_t kQueuedBytesMax = std::size_t{4} << 20;

  // `send`: takes up to 256 KiB, and must not destroy the stream. `queued`: the bytes that were sent and wait on the
  // link. `done`: everything has been sent; it may destroy the stream.
  using Send = std::function<void(std::string&& bytes)>;
  using Queued = std::function<std::size_t()>;
  using Done = std::function<void()>;
  SnapshotStream(Core& core, Send send, Queued queued, Done done);

  // The zxid that the learner has when it has loaded all of it.
  [[nodiscard]] Zxid start() const { return walk_.start(); }

 private:
  void next_slice();
  void slice();
  // Sends what is encoded; a rest that fills no chunk is kept unless it is the last.
  void send_chunks(StateWalk::Progress progress);

  Core& core_;
  Send send_;
  Queued queued_;
  Done done_;
  StateWalk walk_;
  std::string encoded_;
  std::unique_ptr<env::Timer> wait_;
  env::PostedCall slice_call_;
};

}  // namespace quoll::server
