// Random histories of a service whose instances come and go, while connections, machines and servers fail. Users never
// see an instance twice, nor one that was never offered; and when all is quiet each sees exactly those that are
// offered.
#include <gtest/gtest.h>
#include <set>

#include "recipes/discovery.h"
#include "recipes/test_trial.h"
#include "sim/client_world.h"

namespace quoll::recipes::discovery_trial {
namespace {

using client::Result;
using sim::ClientWorld;

constexpr std::int32_t kSessionMs = 5000;
constexpr int kServers = 3;
constexpr int kPrograms = 5;

// Offers an instance and uses the service. When its session is over it begins again with a new client and the same id,
// as a program does that was started again.
class Program {
 public:
  Program(ClientWorld& world, Trouble& trouble, int number)
      : world_(world), trouble_(trouble), id_(fmt::format("i{}", number)) {
    renew();
  }
  void renew() {
    service_.reset();
    place_ = &world_.connected(kSessionMs);
    trouble_.add(*place_);
    ++sessions;
    service_ = std::make_unique<Service>(*place_->client, ClientWorld::world_of(place_->machine), "/services", "db",
                                         Choice::round_robin);
    is_offered_ = is_busy_ = false;
    service_->start([](const Result<void>&) {});
  }
  void offer() {
    if (is_busy_ || is_offered_ || is_over()) return;
    is_busy_ = true;
    service_->offer({.name = {}, .id = id_, .address = "10.0.0.1", .port = 80}, [this](const Result<void>& offered) {
      is_busy_ = false;
      is_offered_ = offered.has_value();
      offers += is_offered_ ? 1 : 0;
    });
  }
  void withdraw() {
    if (is_busy_ || !is_offered_ || is_over()) return;
    is_busy_ = true;
    service_->withdraw([this](const Result<void>& withdrawn) {
      is_busy_ = false;
      is_offered_ = !withdrawn.has_value();
      withdrawals += withdrawn ? 1 : 0;
    });
  }
  [[nodiscard]] bool is_over() const { return client::is_final((*place_)->state()); }
  [[nodiscard]] bool is_busy() const { return is_busy_; }
  [[nodiscard]] bool is_offered() const { return is_offered_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  // The ids, each once.
  [[nodiscard]] std::set<std::string> seen() const {
    std::set<std::string> ids;
    for (const ServiceInstance& each : service_->instances()) {
      EXPECT_TRUE(ids.insert(each.id).second) << each.id;
      EXPECT_EQ(each.port, 80);
    }
    return ids;
  }

  int offers = 0;
  int withdrawals = 0;
  int sessions = 0;

 private:
  ClientWorld& world_;
  Trouble& trouble_;
  const std::string id_;
  ClientWorld::Place* place_ = nullptr;
  std::unique_ptr<Service> service_;
  bool is_offered_ = false;
  bool is_busy_ = false;
};

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : world_(kServers, seed), trouble_(world_, kServers, seed) {
    for (int number = 0; number < kPrograms; ++number) {
      programs_.push_back(std::make_unique<Program>(world_, trouble_, number));
      ids_.insert(programs_.back()->id());
    }
  }

  void run() {
    for (int step = 0; step < 80; ++step) {
      trouble_.strike(1500);
      Program& one = *programs_[trouble_.chance().below(programs_.size())];
      trouble_.chance().below(3) == 0 ? one.withdraw() : one.offer();
      for (const auto& each : programs_) EXPECT_TRUE(std::ranges::includes(ids_, each->seen()));
    }
    trouble_.heal();
    world_.simulation.run_for(40'000);
    // Those whose sessions are over begin again, and offer the same ids.
    for (const auto& each : programs_) {
      if (!each->is_over()) continue;
      each->renew();
      each->offer();
    }
    const auto is_quiet = [&] {
      std::set<std::string> offered;
      for (const auto& each : programs_) {
        if (each->is_busy()) return false;
        if (each->is_offered()) offered.insert(each->id());
      }
      return std::ranges::all_of(programs_, [&](const auto& each) { return each->seen() == offered; });
    };
    EXPECT_TRUE(world_.simulation.run_until(is_quiet, 60'000));
    // And so it stays.
    world_.simulation.run_for(20'000);
    EXPECT_TRUE(is_quiet());
  }
  [[nodiscard]] int sum(int Program::* count) const { return sum_of(programs_, count); }

 private:
  ClientWorld world_;
  Trouble trouble_;
  std::set<std::string> ids_;
  std::vector<std::unique_ptr<Program>> programs_;
};

TEST(DiscoveryTrial, users_see_what_is_offered_and_nothing_else_whatever_happens) {
  int offers = 0;
  int withdrawals = 0;
  int sessions = 0;
  run_trials<Trial>(60, [&](const Trial& trial) {
    offers += trial.sum(&Program::offers);
    withdrawals += trial.sum(&Program::withdrawals);
    sessions += trial.sum(&Program::sessions);
  });
  RecordProperty("offers", offers);
  RecordProperty("withdrawals", withdrawals);
  RecordProperty("sessions", sessions);
  EXPECT_GT(offers, 500);
  EXPECT_GT(withdrawals, 200);
  EXPECT_GT(sessions, 60 * kPrograms + 20);
}

}  // namespace
}  // namespace quoll::recipes::discovery_trial
