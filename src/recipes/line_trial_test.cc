// Random histories of a lock: connections are cut, machines cut off, paused and killed, servers killed and started
// again, members come and go. After every event at most one member may believe that it surely holds, and only one
// writes.
#include <gtest/gtest.h>

#include "recipes/guard.h"
#include "recipes/line.h"
#include "recipes/test_trial.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using sim::ClientWorld;

constexpr std::int32_t kSessionMs = 5000;
constexpr int kServers = 3;
constexpr int kMembers = 4;

// A member that takes the lock, adds one to a counter through the guard, releases, and begins again.
class Worker {
 public:
  Worker(ClientWorld& world, std::int64_t& last_token) : place_(world.connected(kSessionMs)), last_token_(last_token) {
    line_ = std::make_unique<Line>(*place_.client, ClientWorld::world_of(place_.machine), LineOptions{.path = "/lock"});
    line_->on_lost([this] { ++losses; });
  }
  void begin() {
    if (client::is_final(place_->state())) return;
    line_->acquire(0, [this](const client::Result<Token>& token) {
      if (!token) return end();
      EXPECT_GT(token->czxid, last_token_);
      last_token_ = token->czxid;
      ++holds;
      // Now and then long enough to lose it meanwhile.
      env::Random& random = place_.machine.env().random;
      const auto work_ms = random.below(2) == 0 ? 0 : static_cast<std::int64_t>(random.below(2000));
      pause_ = place_.machine.env().timers.after(work_ms, [this] { read(); });
    });
  }
  [[nodiscard]] bool surely_holds() const { return line_->surely_held(); }
  [[nodiscard]] bool is_over() const { return client::is_final(place_->state()); }
  ClientWorld::Place& place() { return place_; }

  int holds = 0;
  int losses = 0;
  int writes = 0;        // answered
  int maybe_writes = 0;  // whose answers were lost

 private:
  void read() {
    place_->get("/counter", nullptr, [this](const client::Result<client::NodeData>& got) {
      if (!got || line_->state() != Line::State::held) return end();
      write(std::stoi(got->data.value_or("0")));
    });
  }
  // Without a version: only the guard keeps late writers out.
  void write(int value) {
    Guard(*line_).multi({client::op::Set{"/counter", std::to_string(value + 1)}},
                        [this](const client::Result<std::vector<client::OperationResult>>& result) {
                          if (result) ++writes;
                          if (!result && result.error().fate == client::Fate::may_be_applied) ++maybe_writes;
                          end();
                        });
  }
  void end() {
    if (line_->state() == Line::State::out) return again();
    line_->release([this] { again(); });
  }
  void again() {
    pause_ = place_.machine.env().timers.after(100, [this] { begin(); });
  }

  ClientWorld::Place& place_;
  std::int64_t& last_token_;  // larger with each holder, whoever it is
  std::unique_ptr<Line> line_;
  std::unique_ptr<env::Timer> pause_;
};

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : world_(kServers, seed), trouble_(world_, kServers, seed) {
    auto& setup = *world_.connected();
    EXPECT_TRUE(world_.create(setup, "/counter", "0"));
    for (int i = 0; i < kMembers; ++i) workers_.push_back(std::make_unique<Worker>(world_, last_token_));
    for (const auto& each : workers_) trouble_.add(each->place());
    world_.simulation.after_step = [this] {
      EXPECT_LE(std::ranges::count_if(workers_, [](const auto& each) { return each->surely_holds(); }), 1);
    };
    for (const auto& each : workers_) each->begin();
  }
  ~Trial() { world_.simulation.after_step = nullptr; }

  void run() {
    suffer(world_, trouble_);
    // Each write was made by the only holder at its time: none has overwritten another.
    expect_counter(
        world_, "/counter", [&] { return sum(&Worker::writes); }, [&] { return sum(&Worker::maybe_writes); });
    expect_progress(world_, workers_);
  }
  [[nodiscard]] int sum(int Worker::* count) const { return sum_of(workers_, count); }

 private:
  ClientWorld world_;
  Trouble trouble_;
  std::int64_t last_token_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
};

TEST(LineTrial, at_most_one_holds_and_no_write_is_lost_whatever_happens) {
  int holds = 0;
  int losses = 0;
  int maybe_writes = 0;
  run_trials<Trial>(100, [&](const Trial& trial) {
    holds += trial.sum(&Worker::holds);
    losses += trial.sum(&Worker::losses);
    maybe_writes += trial.sum(&Worker::maybe_writes);
  });
  RecordProperty("holds", holds);
  RecordProperty("losses", losses);
  RecordProperty("maybe_writes", maybe_writes);
  // The histories are worth something.
  EXPECT_GT(holds, 1000);
  EXPECT_GT(losses, 10);
  EXPECT_GT(maybe_writes, 0);
}

}  // namespace
}  // namespace quoll::recipes
