// Plants bugs in the server; some history of the simulator must find each of them (docs/simulator.md).
#include "sim/trial/planted.h"

#include <map>

#include "sim/trial/trial.h"

namespace quoll::sim {

namespace {

class PlantedBug : public testing::TestWithParam<Mutant> {};

TEST_P(PlantedBug, is_found) {
  const auto run = [](std::uint64_t seed) { return run_trial(make_plan(seed, GetParam().workload)).findings; };
  EXPECT_EXIT(look_for(GetParam(), run), is_found, "");
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug, testing::ValuesIn(mutants_of(false)),
                         [](const auto& bug) { return std::string(bug.param.name); });

TEST(WithoutABug, the_same_seeds_find_nothing) {
  std::map<std::string, std::uint64_t> most;
  for (const Mutant& mutant : mutants_of(false)) {
    std::uint64_t& seeds = most[mutant.workload];
    seeds = std::max(seeds, mutant.seeds);
  }
  for (const auto& [workload, seeds] : most) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
      EXPECT_EQ(run_trial(make_plan(seed, workload)).findings, Findings()) << "seed " << seed << " " << workload;
  }
}

}  // namespace
}  // namespace quoll::sim
