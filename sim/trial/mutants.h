// The table of the bugs that planted_test plants in the server. tools/mutate.py generates its definition from
// sim/trial/mutants/*.txt.
#pragma once

#include <cstdint>
#include <span>

namespace quoll::sim {

struct Mutant {
  const char* name;
  bool* is_planted;      // enables the mutant; at most one is true
  const char* law;       // the law that a finding must name
  std::uint64_t seeds;   // seeds 1 to this; one of them must find it
  const char* workload;  // of these seeds; "": each seed selects its own
};

std::span<const Mutant> mutants();

}  // namespace quoll::sim
