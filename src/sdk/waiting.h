// How callers wait for what the client's loop does: in real time until its thread tells them, or, where time is
// virtual, by letting it pass themselves.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace quoll::sdk {

class VirtualTime {
 public:
  virtual ~VirtualTime() = default;
  // Lets time pass until `holds` returns true (returns true), or for `patience_ms` (returns false; < 0: as long as it
  // takes). `holds` is asked between events, and may wait itself.
  virtual bool pass_until(const std::function<bool()>& holds, std::int64_t patience_ms) = 0;
};

// As changed.wait_for(lock, patience, holds); `time` may be null. `holds` is called with the mutex locked.
template <typename Holds>
bool wait_for(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, VirtualTime* time,
              std::chrono::milliseconds patience, Holds holds) {
  if (time == nullptr) return changed.wait_for(lock, patience, holds);
  std::mutex& mutex = *lock.mutex();
  lock.unlock();
  const auto holds_locked = [&] {
    const std::lock_guard guard(mutex);
    return holds();
  };
  time->pass_until(holds_locked, patience.count());
  lock.lock();
  return holds();
}

}  // namespace quoll::sdk
