// Gives out session ids, none of them twice: not after a restart in the same millisecond, nor after the wall clock was
// set back, nor for a session that was closed long ago. A client that still holds a closed session's id and password
// must not reattach to the session of another client.
//
// The ids of a run begin above the wall clock (session::first_session_id), above each id of this server that the
// recovered state or the replayed log shows, and above the number in quoll.session-ids. Ids are taken from blocks: the
// end of a block is durable in that file before the first id of the block is given. Neither zxids nor their epochs
// matter. In an ensemble each server gives ids with its own server id in the top byte, from its own file.
//
// An id is compared within the 56 bits below the top byte, as serial numbers are: of two, the later one is less than
// half of the range ahead. So the order survives the end of the range, which the clock reaches in 2054.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "env/env.h"
#include "types/ids.h"

namespace quoll::server {

class SessionIds {
 public:
  // Four seconds of clock time. A server that restarts all the time does not run far ahead of the clock, and one that
  // opens sessions as fast as it can writes the file every few seconds.
  static constexpr std::int64_t kBlock = std::int64_t{1} << 18;

  SessionIds(env::Env& env, ServerId server) : env_(env), server_(server) {}

  // Before the first id of a run. `newest`: the newest id of this server in the recovered state and log, if any. Waits
  // for the disk. The error says, for people, why the file cannot be read. If it cannot be written, as on a full disk,
  // next() gives no id until it can.
  std::expected<void, std::string> start(const std::string& directory, std::optional<SessionId> newest);
  // The ids to come are above `known`, an id of this server that another member has shown: a server that has lost its
  // data, and whose clock was set back, does not know it otherwise.
  void pass(SessionId known);
  // Waits for the write in progress. It comes before the directory is released.
  void stop() { worker_.reset(); }
  // nullopt: no more ids are recorded yet. The client must try again.
  std::optional<SessionId> next();

  // The later one of two ids of a server, of which there may be none.
  static std::optional<SessionId> later(std::optional<SessionId> one, std::optional<SessionId> other);

 private:
  // True if the ids to come begin anew, some blocks above `known`: ids that were given after it may be those of
  // sessions that have been closed since, of which nothing tells any more. The number of blocks is random, since a
  // server that loses its file twice may find the same `known` again.
  bool go_above(SessionId known);
  void extend();
  void on_extended(const env::DiskResult<void>& result);
  [[nodiscard]] SessionId after(SessionId id, std::int64_t count) const;

  env::Env& env_;
  ServerId server_;
  std::string directory_;
  SessionId next_;
  std::int64_t left_ = 0;  // ids from next_ on that are recorded as given
  bool is_extending_ = false;
  bool passed_ = false;  // pass() was called after the last recording had begun
  std::int64_t try_again_ms_ = INT64_MIN;
  std::unique_ptr<env::Worker> worker_;
};

}  // namespace quoll::server
