// Random histories of users of several locks at a time, while connections, machines and servers fail: no lock is held
// twice, nothing is written by halves, and users never wait for each other for ever.
#include <gtest/gtest.h>

#include "recipes/multi_lock.h"
#include "recipes/test_trial.h"
#include "sim/client_world.h"

namespace quoll::recipes::multi_lock_trial {
namespace {

using client::Result;
using sim::ClientWorld;
using Results = std::vector<client::OperationResult>;

constexpr std::int32_t kSessionMs = 5000;
constexpr int kServers = 3;
constexpr int kLocks = 3;

// Takes its locks, adds one to the counter of each in one write, releases, and begins again.
class User {
 public:
  User(ClientWorld& world, std::vector<int> which) : locks(std::move(which)), place_(world.connected(kSessionMs)) {
    std::vector<LineOptions> lines;
    for (const int lock : locks) lines.push_back({.path = fmt::format("/locks/{}", lock), .data = {}});
    multi_ = std::make_unique<MultiLock>(*place_.client, ClientWorld::world_of(place_.machine), std::move(lines));
    multi_->on_lost([this] { ++losses; });
  }
  void begin() {
    if (is_over()) return;
    // Some give up, and hold nothing then.
    const std::int64_t patience_ms = random().below(3) == 0 ? 1 + static_cast<std::int64_t>(random().below(1000)) : 0;
    multi_->acquire(patience_ms, [this](const Result<void>& taken) {
      if (!taken) {
        EXPECT_FALSE(multi_->surely_held());
        return again();
      }
      ++holds;
      const auto work_ms = random().below(2) == 0 ? 0 : static_cast<std::int64_t>(random().below(1500));
      pause_ = place_.machine.env().timers.after(work_ms, [this] { read(0, {}); });
    });
  }
  [[nodiscard]] bool surely_holds(int lock) const {
    return std::ranges::find(locks, lock) != locks.end() && multi_->surely_held();
  }
  [[nodiscard]] bool is_over() const { return client::is_final(place_->state()); }
  ClientWorld::Place& place() { return place_; }

  const std::vector<int> locks;
  int holds = 0;
  int losses = 0;
  int writes = 0;
  int maybe_writes = 0;

 private:
  void read(std::size_t at, std::vector<client::Operation> operations) {
    if (at == locks.size()) return write(operations);
    const std::string path = fmt::format("/counters/{}", locks[at]);
    place_->get(path, nullptr, [this, at, path, operations](const Result<client::NodeData>& got) mutable {
      if (!got) return end();
      operations.emplace_back(client::op::Set{path, std::to_string(std::stoi(got->data.value_or("0")) + 1)});
      read(at + 1, std::move(operations));
    });
  }
  void write(const std::vector<client::Operation>& operations) {
    multi_->write(operations, [this](const Result<Results>& result) {
      if (result) ++writes;
      if (!result && result.error().fate == client::Fate::may_be_applied) ++maybe_writes;
      end();
    });
  }
  void end() {
    multi_->release([this](const Result<void>&) { again(); });
  }
  void again() {
    pause_ = place_.machine.env().timers.after(100, [this] { begin(); });
  }
  [[nodiscard]] env::Random& random() { return place_.machine.env().random; }

  ClientWorld::Place& place_;
  std::unique_ptr<MultiLock> multi_;
  std::unique_ptr<env::Timer> pause_;
};

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : world_(kServers, seed), trouble_(world_, kServers, seed) {
    auto& setup = *world_.connected();
    EXPECT_TRUE(world_.create(setup, "/counters"));
    for (int lock = 0; lock < kLocks; ++lock) EXPECT_TRUE(world_.create(setup, fmt::format("/counters/{}", lock), "0"));
    // In orders that would wait for each other if each took its first one first.
    for (const std::vector<int>& locks : {std::vector{0, 1}, {1, 2}, {2, 0}, {2, 1, 0}})
      users_.push_back(std::make_unique<User>(world_, locks));
    for (const auto& each : users_) trouble_.add(each->place());
    world_.simulation.after_step = [this] {
      for (int lock = 0; lock < kLocks; ++lock)
        EXPECT_LE(std::ranges::count_if(users_, [&](const auto& each) { return each->surely_holds(lock); }), 1);
    };
    for (const auto& each : users_) each->begin();
  }
  ~Trial() { world_.simulation.after_step = nullptr; }

  void run() {
    suffer(world_, trouble_);
    for (int lock = 0; lock < kLocks; ++lock)
      expect_counter(
          world_, fmt::format("/counters/{}", lock), [&] { return sum(&User::writes, lock); },
          [&] { return sum(&User::maybe_writes, lock); });
    expect_progress(world_, users_);
  }
  // Of those who use this lock.
  [[nodiscard]] int sum(int User::* count, int lock) const {
    int all = 0;
    for (const auto& each : users_)
      all += std::ranges::find(each->locks, lock) != each->locks.end() ? (*each).*count : 0;
    return all;
  }
  [[nodiscard]] int sum(int User::* count) const { return sum_of(users_, count); }

 private:
  ClientWorld world_;
  Trouble trouble_;
  std::vector<std::unique_ptr<User>> users_;
};

TEST(MultiLockTrial, no_lock_is_held_twice_and_nobody_waits_for_ever_whatever_happens) {
  int holds = 0;
  int losses = 0;
  int writes = 0;
  run_trials<Trial>(60, [&](const Trial& trial) {
    holds += trial.sum(&User::holds);
    losses += trial.sum(&User::losses);
    writes += trial.sum(&User::writes);
  });
  RecordProperty("holds", holds);
  RecordProperty("losses", losses);
  RecordProperty("writes", writes);
  EXPECT_GT(holds, 500);
  EXPECT_GT(losses, 10);
  EXPECT_GT(writes, 300);
}

}  // namespace
}  // namespace quoll::recipes::multi_lock_trial
