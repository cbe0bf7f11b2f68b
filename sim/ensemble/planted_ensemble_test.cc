// Plants bugs in the agreement of ensembles; some history of an ensemble must find each of them (docs/simulator.md).
// Those that take long are in suites of their own, Long*, which only `make test-planted` runs.
#include <algorithm>

#include "sim/ensemble/ensemble_trial.h"
#include "sim/trial/planted.h"

namespace quoll::sim {

namespace {

constexpr std::uint64_t kQuickSeeds = 100;

std::vector<Mutant> quick() {
  std::vector<Mutant> some = mutants_of(true);
  std::erase_if(some, [](const Mutant& mutant) { return mutant.seeds > kQuickSeeds; });
  return some;
}

std::vector<Mutant> slow() {
  std::vector<Mutant> some = mutants_of(true);
  std::erase_if(some, [](const Mutant& mutant) { return mutant.seeds <= kQuickSeeds; });
  return some;
}

Findings findings_of(std::uint64_t seed) {
  return run_ensemble(make_ensemble_plan(seed), EnsembleTrial::Keeps::findings).findings;
}

void find_nothing(const std::vector<Mutant>& mutants) {
  std::uint64_t most = 0;
  for (const Mutant& mutant : mutants) most = std::max(most, mutant.seeds);
  for (std::uint64_t seed = 1; seed <= most; ++seed) EXPECT_EQ(findings_of(seed), Findings()) << "seed " << seed;
}

class PlantedEnsembleBug : public testing::TestWithParam<Mutant> {};

TEST_P(PlantedEnsembleBug, is_found) {
  EXPECT_EXIT(look_for(GetParam(), findings_of), is_found, "");
}

std::string name_of(const testing::TestParamInfo<Mutant>& bug) {
  return std::string(bug.param.name);
}

INSTANTIATE_TEST_SUITE_P(Quick, PlantedEnsembleBug, testing::ValuesIn(quick()), name_of);
INSTANTIATE_TEST_SUITE_P(Long, PlantedEnsembleBug, testing::ValuesIn(slow()), name_of);

TEST(WithoutABug, the_same_seeds_of_ensembles_find_nothing) {
  find_nothing(quick());
}

TEST(LongWithoutABug, the_same_seeds_of_ensembles_find_nothing) {
  find_nothing(slow());
}

}  // namespace
}  // namespace quoll::sim
