#include "testing/time.h"

#include "base/check.h"

namespace quoll::testing {

bool Time::pass_until(const std::function<bool()>& holds, std::int64_t patience_ms) {
  check_thread();
  QUOLL_CHECK(!is_in_event_,
              "callbacks and coroutines of a client do not wait: the call that lets time pass waits for them");
  const auto asked = [&] {
    is_in_event_ = false;
    const bool is_so = holds();
    is_in_event_ = true;
    return is_so;
  };
  const bool is_endless = patience_ms < 0;
  is_in_event_ = true;
  const bool held = simulation_.run_until(asked, is_endless ? wait_max_ms_ : patience_ms);
  is_in_event_ = false;
  QUOLL_CHECK(
      held || !is_endless,
      "nothing has ended this wait within EnsembleOptions::wait_max of virtual time: the test waits for itself");
  return held;
}

void Time::check_thread() const {
  QUOLL_CHECK(std::this_thread::get_id() == thread_,
              "a fake ensemble and its clients are used by the thread that made it");
}

}  // namespace quoll::testing
