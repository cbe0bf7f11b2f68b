// Delivers events to the simulated process. While the process is suspended (SIGSTOP, or a pause of the machine), its
// events wait here: timers, received bytes, finished jobs.
#pragma once

#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace quoll::sim {

class Gate {
 public:
  using Call = std::move_only_function<void()>;
  enum class Kind { timer, other };

  void pass(Kind kind, Call call) {
    if (!is_closed_) return call();
    (kind == Kind::timer ? timers_ : others_).push_back(std::move(call));
  }
  void close() { is_closed_ = true; }
  // Returns the waiting events, each kind in its order. Which kind a real event loop handles first depends on how many
  // events are ready.
  [[nodiscard]] std::vector<Call> open(Kind first) {
    is_closed_ = false;
    std::vector<Call> calls = std::exchange(first == Kind::timer ? timers_ : others_, {});
    std::vector<Call> later = std::exchange(first == Kind::timer ? others_ : timers_, {});
    std::move(later.begin(), later.end(), std::back_inserter(calls));
    return calls;
  }

 private:
  bool is_closed_ = false;
  std::vector<Call> timers_;
  std::vector<Call> others_;
};

}  // namespace quoll::sim
