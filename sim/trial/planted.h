// What the tests of planted bugs share: each mutant runs in a process of its own, because a bug may end it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trial/mutants.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

// The workload that stands for histories of whole ensembles.
inline constexpr std::string_view kOfEnsembles = "ensembles";

inline std::vector<Mutant> mutants_of(bool of_ensembles) {
  std::vector<Mutant> all(mutants().begin(), mutants().end());
  std::erase_if(all, [&](const Mutant& mutant) { return (mutant.workload == kOfEnsembles) != of_ensembles; });
  return all;
}

inline void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << mutant.name;
}

// Exits with 1 if the bug was found by its law, else with 0; a broken invariant aborts the process. `run(seed)` is one
// history.
template <typename Run>
[[noreturn]] void look_for(const Mutant& mutant, const Run& run) {
  *mutant.is_planted = true;
  for (std::uint64_t seed = 1; seed <= mutant.seeds; ++seed) {
    const Findings findings = run(seed);
    const auto names_law = [&](const std::string& finding) { return finding.starts_with(mutant.law); };
    if (std::ranges::any_of(findings, names_law)) std::exit(1);
  }
  std::exit(0);
}

// Found by a law or by an invariant of the server. Another crash does not count.
inline bool is_found(int status) {
  constexpr int kAborted = 6;
  return testing::ExitedWithCode(1)(status) || testing::KilledBySignal(kAborted)(status);
}

}  // namespace quoll::sim
