// What agreement has decided about the state and who is served, in its order. It is carried out in portions, so that
// the loop does not stand still while a long history is applied.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "env/posted_call.h"
#include "server/core.h"
#include "zab/effects.h"

namespace quoll::server {

class DecidedEffects {
 public:
  struct Callbacks {
    std::function<void(zab::Effect&)> carry_out;
    // False: nothing more can be carried out now. run() or run_later() is called again when it can.
    std::function<bool()> may_go_on;
    // A portion has been carried out.
    std::function<void()> on_portion_end;
  };
  DecidedEffects(const Core& core, Callbacks callbacks) : core_(core), callbacks_(std::move(callbacks)) {}

  void add(zab::Effect&& effect) { waiting_.push_back(std::move(effect)); }
  // Drops what was to be done for clients and learners in a role that has ended. What is decided about the state stays.
  void drop_services();
  void clear() { waiting_.clear(); }

  // Carries out what waits, as much as one event has time for (Limits::event_us); the rest follows in later events.
  void run();
  // The same after the pending events.
  void run_later();

 private:
  const Core& core_;
  Callbacks callbacks_;
  std::deque<zab::Effect> waiting_;
  bool is_running_ = false;
  env::PostedCall call_;
};

}  // namespace quoll::server
