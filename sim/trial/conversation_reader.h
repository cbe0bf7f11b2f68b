// Reads the arrivals of one conversation step by step with the history: how far it has been read, and which identities
// its client has at that point.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "sim/trial/actor.h"
#include "sim/trial/model.h"

namespace quoll::sim {

struct Decision {
  std::int64_t zxid = 0;
  Verdict verdict;
};

struct ConversationReader {
  ConversationReader(const Conversation& source, Watcher number) : conversation(&source), watcher(number) {}

  [[nodiscard]] bool is_at_end() const { return arrival == conversation->arrivals.size(); }
  // The sender of request `k`: with the identities of all logins before it, whenever it is answered.
  [[nodiscard]] Who who_asked(std::size_t k) const;
  // Whether the client should receive an event at `zxid`, the next in history. A login counts from the server's answer
  // on. If no arrival shows whether that was before the event, the arrival of the event itself decides.
  [[nodiscard]] bool receives(const Fired& fired, std::int64_t zxid) const;

  const Conversation* conversation;
  Watcher watcher;
  std::size_t arrival = 0;
  std::size_t answered = 0;                   // number of answered requests in conversation->sent
  std::size_t proven = 0;                     // number of answered logins in conversation->logins
  std::size_t proven_by_then = 0;             // those that were answered before the next event in history for certain
  std::int64_t decided = -1;                  // index in conversation->sent of the last one that became a transaction
  std::map<std::size_t, Decision> decisions;  // by index in conversation->sent
  std::deque<std::pair<std::int64_t, ModelEvent>> expected;  // events, with their zxids
  std::deque<std::pair<std::int64_t, ModelEvent>> hidden;    // events that the client may not receive
  bool over = false;

 private:
  [[nodiscard]] Who who_with(std::size_t logins) const;
};

}  // namespace quoll::sim
