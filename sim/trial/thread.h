// One conversation, read along with the history: how far it has got, and who its client is by then.
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

struct Thread {
  Thread(const Conversation& conversation, Watcher number) : talk(&conversation), watcher(number) {}

  [[nodiscard]] bool is_at_end() const { return arrival == talk->arrivals.size(); }
  // As whom request `k` was asked: what was proven before it counts, whenever it is answered.
  [[nodiscard]] Who who_asked(std::size_t k) const;
  // Whether it hears of an event at `zxid`, the next in history. What it proves counts from the moment at which the
  // server says so; if nothing it heard tells whether that was before the event, then the event itself does.
  [[nodiscard]] bool hears(const Fired& fired, std::int64_t zxid) const;

  const Conversation* talk;
  Watcher watcher;
  std::size_t arrival = 0;
  std::size_t answered = 0;                                  // of talk->sent
  std::size_t proven = 0;                                    // of talk->logins
  std::size_t proven_by_then = 0;                            // for certain before whatever comes next in history
  std::int64_t decided = -1;                                 // the last of talk->sent that became a transaction
  std::map<std::size_t, Decision> decisions;                 // by index in talk->sent
  std::deque<std::pair<std::int64_t, ModelEvent>> expected;  // events, with their zxids
  std::deque<std::pair<std::int64_t, ModelEvent>> hidden;    // those that it may not hear of
  bool over = false;

 private:
  [[nodiscard]] Who who_with(std::size_t logins) const;
};

}  // namespace quoll::sim
