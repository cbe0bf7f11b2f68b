#include "quorum/event_queue.h"

#include <utility>

namespace quoll::quorum {

EventQueue::EventQueue(env::Timers& timers, Tell tell)
    : timers_(timers), state_(std::make_shared<State>(State{std::move(tell), {}})) {}

EventQueue::~EventQueue() {
  state_->is_over = true;
}

void EventQueue::push(zab::Event event) {
  state_->events.push_back(std::move(event));
  post();
}

void EventQueue::drop_if(const std::function<bool(const zab::Event&)>& about) {
  std::erase_if(state_->events, about);
}

void EventQueue::post() {
  call_.post(timers_, [this] {
    const std::shared_ptr<State> state = state_;
    if (tell_all(*state)) post();
  });
}

// Tells what there is now. True: there is more by then, and the queue still exists.
bool EventQueue::tell_all(State& state) {
  for (std::size_t due = state.events.size(); due > 0 && !state.events.empty(); --due) {
    const zab::Event event = std::move(state.events.front());
    state.events.pop_front();
    state.tell(event);
    if (state.is_over) return false;
  }
  return !state.events.empty();
}

}  // namespace quoll::quorum
