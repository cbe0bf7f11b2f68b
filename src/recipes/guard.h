// Writes that happen only while a lock is held: the server checks, so that a holder who was suspended, and does not
// know that its session is over, changes nothing.
#pragma once

#include <vector>

#include "client/client.h"
#include "recipes/line.h"

namespace quoll::recipes {

// Adds a check of the holder's znode to each multi: both are judged by the server in one transaction. When the session
// has expired, or the znode was deleted, the write is refused with no_node. What is outside of ZooKeeper must be
// guarded by the token.
class Guard {
 public:
  // The line must outlive the guard.
  explicit Guard(Line& line) : line_(line) {}

  // Like Client::multi; the results are those of `operations`. Fails with no_node at operation 0 if the lock is not
  // held any more, and with Fate::not_sent if this member knows that; Failure::operation counts from 1 for the caller's
  // own.
  void multi(const std::vector<client::Operation>& operations, client::Done<std::vector<client::OperationResult>> done);

 private:
  Line& line_;
};

}  // namespace quoll::recipes
