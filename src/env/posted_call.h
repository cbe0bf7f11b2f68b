// A call scheduled on the loop after the pending events (Timers::post) that its owner can cancel.
#pragma once

#include <functional>
#include <memory>

#include "env/clock.h"

namespace quoll::env {

// Destroying it cancels the call. At most one call is pending at a time.
class PostedCall {
 public:
  PostedCall() = default;
  PostedCall(const PostedCall&) = delete;
  PostedCall& operator=(const PostedCall&) = delete;

  [[nodiscard]] bool is_pending() const { return *is_pending_; }

  // Schedules `then`, unless a call is pending already. `then` may post again or destroy this object.
  template <typename Call>
  void post(Timers& timers, Call then) {
    if (is_pending()) return;
    *is_pending_ = true;
    timers.post([pending = std::weak_ptr<bool>(is_pending_), then = std::move(then)]() mutable {
      const std::shared_ptr<bool> owned = pending.lock();
      if (owned == nullptr) return;  // the owner has been destroyed
      *owned = false;
      then();
    });
  }

 private:
  std::shared_ptr<bool> is_pending_ = std::make_shared<bool>(false);
};

}  // namespace quoll::env
