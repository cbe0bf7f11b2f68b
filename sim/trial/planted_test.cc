// Bugs planted in the server, each of which some history of the simulator must find (docs/simulator.md).
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

// Zero when nothing was found; a broken invariant ends the process with another status still.
[[noreturn]] void look_for(const Mutant& mutant) {
  *mutant.is_planted = true;
  for (std::uint64_t seed = 1; seed <= mutant.seeds; ++seed) {
    const Findings findings = run_trial(make_plan(seed, mutant.workload)).findings;
    const auto tells = [&](const std::string& finding) { return finding.starts_with(mutant.law); };
    if (std::ranges::any_of(findings, tells)) std::exit(1);
  }
  std::exit(0);
}

// By a law, or by an invariant of the server's own. A crash of any other kind is none.
bool is_found(int status) {
  constexpr int kAborted = 6;
  return testing::ExitedWithCode(1)(status) || testing::KilledBySignal(kAborted)(status);
}

class PlantedBug : public testing::TestWithParam<Mutant> {};

// In a process of its own, since a bug may also end it.
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
