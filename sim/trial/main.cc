// quoll_sim: runs histories of the production server in the simulated world and prints what is wrong
// (docs/simulator.md).
#include <cstdio>
#include <fmt/format.h>

#include "sim/trial/trial.h"
#include "sim/trial/wishes.h"

namespace quoll::sim {

namespace {

// Returns true if nothing is wrong.
bool run_one(const Wishes& wishes, std::uint64_t seed) {
  Plan plan = make_plan(seed, wishes.workload);
  keep_wished(wishes, plan.items);
  if (wishes.verbose || wishes.plan_only) {
    fmt::print("seed {}: {}, {} clients, {} items\n", seed, plan.workload, plan.clients.size(), plan.items.size());
    for (const Item& item : plan.items) fmt::print("  {}\n", text_of(item));
  }
  if (wishes.plan_only) return true;
  // Printed first, so that the seed is known if a check of the server ends the process.
  fmt::print("seed {} {}\n", seed, plan.workload);
  std::fflush(stdout);
  const Outcome outcome = run_trial(plan);
  if (wishes.verbose) {
    for (const std::string& line : outcome.log) fmt::print("  log: {}\n", line);
  }
  for (const std::string& finding : outcome.findings) fmt::print("  found: {}\n", finding);
  fmt::print("  {} transactions, {} arrivals, {} lives, {} us\n", outcome.transactions, outcome.arrivals, outcome.lives,
             outcome.virtual_us);
  fmt::print("trace digest: {:016x}\n", outcome.digest);
  return outcome.findings.empty();
}

int run(std::span<char*> arguments) {
  const std::optional<Wishes> wishes = read_wishes(arguments, "quoll_sim");
  if (!wishes) return 2;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = wishes->seed; seed < wishes->seed + wishes->runs; ++seed)
    failed += run_one(*wishes, seed) ? 0 : 1;
  if (wishes->runs > 1) fmt::print("{} passed, {} failed\n", wishes->runs - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace quoll::sim

int main(int argc, char** argv) {
  return quoll::sim::run({argv, static_cast<std::size_t>(argc)});
}
