// A call on the loop after the events that are already waiting (Timers::post) that its owner can take back.
#pragma once

#include <functional>
#include <memory>

#include "env/clock.h"

namespace quoll::env {

// Destroying it cancels the call. At most one is pending at a time.
class PostedCall {
 public:
  PostedCall() = default;
  PostedCall(const PostedCall&) = delete;
  PostedCall& operator=(const PostedCall&) = delete;

  [[nodiscard]] bool is_pending() const { return *is_pending_; }

  // Calls `then` once, unless a call is pending already. `then` may post again or destroy this object.
  template <typename Call>
  void post(Timers& timers, Call then) {
    if (is_pending()) return;
    *is_pending_ = true;
    timers.post([pending = std::weak_ptr<bool>(is_pending_), then = std::move(then)]() mutable {
      const std::shared_ptr<bool> owned = pending.lock();
      if (owned == nullptr) return;  // the owner has gone
      *owned = false;
      then();
    });
  }

 private:
  std::shared_ptr<bool> is_pending_ = std::make_shared<bool>(false);
};

}  // namespace quoll::env
