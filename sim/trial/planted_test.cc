// Plants bugs in the server; some history of the simulator must find each of them (docs/simulator.md).
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <string>

#include "sim/trial/mutants.h"
#include "sim/trial/trial.h"

namespace quoll::sim {

void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << mutant.name;
}

namespace {

// Exits with 1 if the bug was found by its law, else with 0; a broken invariant aborts the process.
[[noreturn]] void look_for(const Mutant& mutant) {
  *mutant.is_planted = true;
  for (std::uint64_t seed = 1; seed <= mutant.seeds; ++seed) {
    const Findings findings = run_trial(make_plan(seed, mutant.workload)).findings;
    const auto names_law = [&](const std::string& finding) { return finding.starts_with(mutant.law); };
    if (std::ranges::any_of(findings, names_law)) std::exit(1);
  }
  std::exit(0);
}

// Found by a law or by an invariant of the server. Another crash does not count.
bool is_found(int status) {
  constexpr int kAborted = 6;
  return testing::ExitedWithCode(1)(status) || testing::KilledBySignal(kAborted)(status);
}

class PlantedBug : public testing::TestWithParam<Mutant> {};

// In a separate process, because a bug may end it.
TEST_P(PlantedBug, is_found) {
  EXPECT_EXIT(look_for(GetParam()), is_found, "");
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug, testing::ValuesIn(mutants().begin(), mutants().end()),
                         [](const auto& bug) { return std::string(bug.param.name); });

TEST(WithoutABug, the_same_seeds_find_nothing) {
  std::map<std::string, std::uint64_t> most;
  for (const Mutant& mutant : mutants()) {
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
