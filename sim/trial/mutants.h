// The bugs that planted_test plants in the server (sim/trial/mutants/*.txt). tools/mutate.py writes the other half from
// those lists.
#pragma once

#include <cstdint>
#include <span>

namespace quoll::sim {

struct Mutant {
  const char* name;
  bool* is_planted;      // asked by the mutant's lines; at most one of all is true
  const char* law;       // that must be found broken, as the judge names it
  std::uint64_t seeds;   // 1 to this; one of them must find it
  const char* workload;  // that the seeds are of; "": each seed chooses
};

std::span<const Mutant> mutants();

}  // namespace quoll::sim
