// Random histories of a read-write lock: connections are cut, machines cut off and paused, servers killed and started
// again. After every event a writer that surely holds is alone; what readers see does not change while they hold; and
// members hold in the order in which they came.
#include <gtest/gtest.h>

#include "recipes/guard.h"
#include "recipes/line.h"
#include "recipes/test_trial.h"
#include "sim/client_world.h"

namespace quoll::recipes::shared_line_trial {
namespace {

using client::Result;
using sim::ClientWorld;
using Results = std::vector<client::OperationResult>;

constexpr std::int32_t kSessionMs = 5000;
constexpr int kServers = 3;

// The largest tokens that have held.
struct Newest {
  std::int64_t reader = 0;
  std::int64_t writer = 0;
};

// Takes the lock, reads the counter, works for a while, and then adds one to it, or, if it reads, lets the server check
// that nobody has done so meanwhile; releases, and begins again.
class Member {
 public:
  Member(ClientWorld& world, Newest& newest, const char* name)
      : is_writer(name == std::string_view(kWriters)), place_(world.connected(kSessionMs)), newest_(newest) {
    line_ = std::make_unique<Line>(*place_.client, ClientWorld::world_of(place_.machine),
                                   LineOptions{.path = "/lock", .name = name, .data = {}});
    line_->on_lost([this] { ++losses; });
  }
  void begin() {
    if (is_over()) return;
    line_->acquire(0, [this](const Result<Token>& token) { token ? hold(token->czxid) : end(); });
  }
  [[nodiscard]] bool surely_holds() const { return line_->surely_held(); }
  [[nodiscard]] bool is_over() const { return client::is_final(place_->state()); }
  ClientWorld::Place& place() { return place_; }

  const bool is_writer;
  int holds = 0;
  int losses = 0;
  int done = 0;  // writes that were answered, or reads that were confirmed
  int maybe = 0;

 private:
  void hold(std::int64_t token) {
    ++holds;
    // One that was paused on its way here may come too late.
    if (line_->surely_held()) {
      EXPECT_GT(token, newest_.writer);
      if (is_writer) {
        EXPECT_GT(token, newest_.reader);
      }
      std::int64_t& mine = is_writer ? newest_.writer : newest_.reader;
      mine = std::max(mine, token);
    }
    place_->get("/counter", nullptr, [this](const Result<client::NodeData>& got) {
      if (!got || line_->state() != Line::State::held) return end();
      env::Random& random = place_.machine.env().random;
      const auto work_ms = random.below(2) == 0 ? 0 : static_cast<std::int64_t>(random.below(1500));
      pause_ = place_.machine.env().timers.after(work_ms, [this, old = *got] { finish(old); });
    });
  }
  void finish(const client::NodeData& old) {
    if (line_->state() != Line::State::held) return end();
    std::vector<client::Operation> operations;
    if (is_writer) {
      // Without a version: only the guard keeps late writers out.
      operations.emplace_back(client::op::Set{"/counter", std::to_string(std::stoi(old.data.value_or("0")) + 1)});
    } else {
      operations.emplace_back(client::op::Check{"/counter", old.stat.version});
    }
    Guard(*line_).multi(operations, [this](const Result<Results>& result) {
      if (result) ++done;
      if (!result && result.error().fate == client::Fate::may_be_applied) ++maybe;
      // The server refuses those that hold no more, for that alone.
      if (!result && result.error().fate == client::Fate::answered) {
        EXPECT_EQ(result.error().operation, 0U) << result.error().text;
      }
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
  Newest& newest_;
  std::unique_ptr<Line> line_;
  std::unique_ptr<env::Timer> pause_;
};

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : world_(kServers, seed), trouble_(world_, kServers, seed) {
    auto& setup = *world_.connected();
    EXPECT_TRUE(world_.create(setup, "/counter", "0"));
    for (const char* const name : {kReaders, kReaders, kReaders, kWriters, kWriters})
      members_.push_back(std::make_unique<Member>(world_, newest_, name));
    for (const auto& each : members_) trouble_.add(each->place());
    world_.simulation.after_step = [this] {
      const auto holders = std::ranges::count_if(members_, [](const auto& each) { return each->surely_holds(); });
      shared_ = shared_ || holders > 1;
      if (holders < 2) return;
      EXPECT_TRUE(
          std::ranges::none_of(members_, [](const auto& each) { return each->is_writer && each->surely_holds(); }));
    };
    for (const auto& each : members_) each->begin();
  }
  ~Trial() { world_.simulation.after_step = nullptr; }

  void run() {
    suffer(world_, trouble_);
    expect_counter(
        world_, "/counter", [&] { return sum(&Member::done, true); }, [&] { return sum(&Member::maybe, true); });
    expect_progress(world_, members_);
  }
  [[nodiscard]] int sum(int Member::* count, bool of_writers) const {
    int all = 0;
    for (const auto& each : members_) all += each->is_writer == of_writers ? (*each).*count : 0;
    return all;
  }
  [[nodiscard]] bool was_shared() const { return shared_; }

 private:
  ClientWorld world_;
  Trouble trouble_;
  Newest newest_;
  bool shared_ = false;
  std::vector<std::unique_ptr<Member>> members_;
};

TEST(SharedLineTrial, a_writer_holds_alone_and_readers_see_no_change_whatever_happens) {
  int reads = 0;
  int writes = 0;
  int losses = 0;
  int shared = 0;
  run_trials<Trial>(60, [&](const Trial& trial) {
    reads += trial.sum(&Member::done, false);
    writes += trial.sum(&Member::done, true);
    losses += trial.sum(&Member::losses, false) + trial.sum(&Member::losses, true);
    shared += trial.was_shared() ? 1 : 0;
  });
  RecordProperty("reads", reads);
  RecordProperty("writes", writes);
  RecordProperty("losses", losses);
  // The histories are worth something.
  EXPECT_GT(reads, 500);
  EXPECT_GT(writes, 300);
  EXPECT_GT(losses, 10);
  EXPECT_GT(shared, 30);
}

}  // namespace
}  // namespace quoll::recipes::shared_line_trial
