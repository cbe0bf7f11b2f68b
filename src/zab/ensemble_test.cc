// Whole ensembles of zab alone: elections, failures of leaders and followers, and random histories.
#include <gtest/gtest.h>

#include "zab/test_ensemble.h"

namespace quoll::zab::testing {
namespace {

constexpr std::int64_t kLongMs = 60'000;

TEST(Ensemble, three_members_elect_a_leader_and_deliver_a_proposal_everywhere) {
  Ensemble ensemble(1, 3, 0);
  ensemble.start_all();
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.has_converged(); }, kLongMs)) << ensemble.broken();
  EXPECT_EQ(ensemble.leader(), 3) << "of equal histories the highest id leads";
  ASSERT_TRUE(ensemble.propose(3));
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.visible().size() == 1 && ensemble.has_converged(); }, kLongMs));
  EXPECT_EQ(ensemble.visible().back(), Zxid{0x100000001});
  EXPECT_EQ(ensemble.broken(), "");
}

TEST(Ensemble, a_single_member_leads_itself_through_all_phases) {
  Ensemble ensemble(1, 1, 0);
  ensemble.start_all();
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.leader() == 1; }, kLongMs));
  ensemble.propose(1);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.visible().size() == 1; }, kLongMs));
}

TEST(Ensemble, an_observer_gets_everything_and_never_counts) {
  Ensemble ensemble(1, 3, 2);
  ensemble.start_all();
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.has_converged(); }, kLongMs)) << ensemble.broken();
  const int leader = ensemble.leader();
  ASSERT_LE(leader, 3);
  ensemble.propose(leader);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.visible().size() == 1 && ensemble.has_converged(); }, kLongMs));
  for (const int id : {1, 2, 3}) {
    if (id != leader) ensemble.crash(id);
  }
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.leader() == -1; }, kLongMs)) << "observers are no quorum";
  EXPECT_EQ(ensemble.broken(), "");
}

TEST(Ensemble, when_the_leader_dies_the_others_go_on_with_all_that_was_seen) {
  Ensemble ensemble(7, 3, 0);
  ensemble.start_all();
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.has_converged(); }, kLongMs));
  for (int i = 0; i < 20; ++i) ensemble.propose(3);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.visible().size() == 20; }, kLongMs));
  ensemble.crash(3);
  const std::int64_t died_ms = ensemble.now_ms();
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.leader() != -1; }, kLongMs)) << ensemble.broken();
  EXPECT_LE(ensemble.now_ms() - died_ms, 150) << "nobody waited for a timeout";
  ensemble.start(3);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.has_converged(); }, kLongMs)) << ensemble.broken();
}

// A whole history from a seed: faults of every kind, then everything is repaired and must come to rest.
std::string run_history(std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  const auto below = [&](std::uint64_t bound) { return draw() % bound; };
  const int voters = 1 + 2 * static_cast<int>(below(3));
  const int observers = static_cast<int>(below(3));
  Faults faults{static_cast<int>(below(3) * 15), below(4) == 0 ? 30 : 0, 1 + static_cast<std::int64_t>(below(3) * 15),
                static_cast<std::int64_t>(below(3) * 20)};
  Ensemble ensemble(seed, voters, observers, faults);
  const std::vector<int> ids = ensemble.ids();
  const auto any = [&] { return ids[below(ids.size())]; };
  ensemble.start_all();
  for (int step = 0; step < 60 && ensemble.broken().empty(); ++step) {
    switch (below(9)) {
      case 0:
        ensemble.crash(any());
        break;
      case 1:
        ensemble.crash(ensemble.leader() != -1 ? ensemble.leader() : any());
        break;
      case 2:
      case 3:
        for (const int id : ids) {
          if (!ensemble.is_up(id) && below(2) == 0) ensemble.start(id);
        }
        break;
      case 4:
        ensemble.cut(any(), any());
        break;
      case 5:
        ensemble.heal();
        break;
      default:
        for (const int id : ids) {
          for (std::uint64_t i = below(6); i > 0; --i) ensemble.propose(id);
        }
    }
    ensemble.run_for(static_cast<std::int64_t>(below(3) == 0 ? below(3000) : below(60)));
  }
  ensemble.heal();
  ensemble.set_faults({});
  for (const int id : ids) {
    if (!ensemble.is_up(id)) ensemble.start(id);
  }
  const auto is_well = [&] { return ensemble.leader() != -1 && ensemble.has_converged(); };
  if (!ensemble.run_until(is_well, 10 * kLongMs) && ensemble.broken().empty()) return "VL1: no convergence";
  const std::size_t seen = ensemble.visible().size();
  ensemble.propose(ensemble.leader());
  if (ensemble.broken().empty() &&
      !ensemble.run_until([&] { return ensemble.visible().size() > seen && is_well(); }, kLongMs))
    return "VL1: a healthy ensemble does not commit";
  return ensemble.broken();
}

// Run with --gtest_repeat=N for N times as many: the seeds go on.
TEST(Ensemble, random_histories_break_no_law) {
  constexpr int kHistories = 300;
  static std::uint64_t seed = 0;
  for (int i = 0; i < kHistories; ++i) {
    ++seed;
    ASSERT_EQ(run_history(seed), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace quoll::zab::testing
