// Tells events to the owner of a connection, each from the loop and never from inside a call of the owner: so the
// effects of one event are carried out in one go.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "env/clock.h"
#include "env/posted_call.h"
#include "zab/events.h"

namespace quoll::quorum {

using Tell = std::function<void(const zab::Event&)>;

class EventQueue {
 public:
  // `timers` must outlive the queue. The owner may destroy the queue from inside `tell`.
  EventQueue(env::Timers& timers, Tell tell);
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  void push(zab::Event event);
  // The event that was pushed last and has not been told; nullptr: there is none. It may be changed.
  [[nodiscard]] zab::Event* newest() { return state_->events.empty() ? nullptr : &state_->events.back(); }
  // Forgets the events for which `about` is true.
  void drop_if(const std::function<bool(const zab::Event&)>& about);
  void clear() { state_->events.clear(); }

 private:
  struct State {
    Tell tell;
    std::deque<zab::Event> events;
    bool is_over = false;
  };
  void post();
  static bool tell_all(State& state);

  env::Timers& timers_;
  std::shared_ptr<State> state_;
  env::PostedCall call_;
};

}  // namespace quoll::quorum
