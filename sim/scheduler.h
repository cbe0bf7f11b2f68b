// Virtual time and the queue of events of the simulated world. Events due at the same microsecond run in a random
// order, so that no code can rely on an order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/prng.h"

namespace quoll::sim {

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : chance_(seed) {}

  [[nodiscard]] std::int64_t now_us() const { return now_us_; }
  // The only source of randomness, so that the seed determines everything.
  [[nodiscard]] base::Prng& chance() { return chance_; }

  void after(std::int64_t delay_us, std::move_only_function<void()> then);

  // Runs the next event. If there is none at or before `until_us`, sets the time to that and returns false.
  bool step(std::int64_t until_us);

  // Adds an event to the digest, which is equal for two runs of the same seed.
  void note(std::string_view what);
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }

 private:
  struct Event {
    std::int64_t due_us = 0;
    std::uint64_t rank = 0;
    std::int64_t number = 0;
    std::shared_ptr<std::move_only_function<void()>> then;
    bool operator>(const Event& other) const {
      return std::tie(due_us, rank, number) > std::tie(other.due_us, other.rank, other.number);
    }
  };
  void mix(std::uint64_t word);

  base::Prng chance_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t now_us_ = 0;
  std::int64_t number_ = 0;
  std::int64_t steps_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

}  // namespace quoll::sim
