// Virtual time: what happens next in the simulated world. Events due at the same microsecond run in an order that the
// seed draws, so that nothing comes to rely on one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/prng.h"
#include "sim/gate.h"

namespace quoll::sim {

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : chance_(seed) {}

  [[nodiscard]] std::int64_t now_us() const { return now_us_; }
  // The one source of chance: whoever draws from it takes part in what the seed decides.
  [[nodiscard]] base::Prng& chance() { return chance_; }

  void after(std::int64_t delay_us, std::move_only_function<void()> then);
  // In the order of the calls, each a little later than what is due now: a turn of the loop takes time.
  void post(std::move_only_function<void()> then);

  // So long a turn of the loop takes at the most.
  std::uint64_t turn_us_max = 10;

  // Whatever happens to the process goes through here.
  [[nodiscard]] Gate& process() { return process_; }

  // Runs the next event; false: there is none at or before `until_us`, which is then the time.
  bool step(std::int64_t until_us);

  // What has happened, as one number: two runs of one seed agree in it.
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
  Gate process_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t now_us_ = 0;
  std::int64_t last_post_us_ = 0;
  std::int64_t number_ = 0;
  std::int64_t steps_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

}  // namespace quoll::sim
