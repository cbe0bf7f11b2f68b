// quoll_sim_ensemble: runs histories of ensembles of production servers in the simulated world and prints what is wrong
// (docs/simulator.md).
#include <cstdio>
#include <fmt/format.h>

#include "sim/ensemble/ensemble_trial.h"
#include "sim/trial/wishes.h"

namespace quoll::sim {

namespace {

struct Sum {
  std::uint64_t failed = 0;
  std::int64_t transactions = 0;
  std::int64_t epochs = 0;
};

void run_one(const Wishes& wishes, std::uint64_t seed, Sum& sum) {
  EnsemblePlan plan = make_ensemble_plan(seed, wishes.workload);
  const std::size_t items = plan.clients.items.size();
  keep_wished(wishes, plan.clients.items);
  keep_wished(wishes, plan.faults, items);
  if (wishes.verbose || wishes.plan_only) {
    fmt::print(
        "seed {}: {}, {} voters, {} observers, {} clients, {} items, {} faults, epochs of {} transactions, {} kept\n",
        seed, plan.clients.workload, plan.voters, plan.observers, plan.clients.clients.size(),
        plan.clients.items.size(), plan.faults.size(), plan.epoch_transactions_max, plan.history_entries_min);
    for (const Item& item : plan.clients.items) fmt::print("  {}\n", text_of(item));
    for (const EnsembleFault& fault : plan.faults) fmt::print("  {}\n", text_of(fault));
  }
  if (wishes.plan_only) return;
  // Printed first, so that the seed is known if a check of the server ends the process.
  fmt::print("seed {} {}\n", seed, plan.clients.workload);
  std::fflush(stdout);
  const auto keeps = wishes.verbose ? EnsembleTrial::Keeps::log_too : EnsembleTrial::Keeps::findings;
  const EnsembleOutcome outcome = run_ensemble(plan, keeps);
  for (const std::string& line : outcome.log) fmt::print("  log: {}\n", line);
  for (const std::string& finding : outcome.findings) fmt::print("  found: {}\n", finding);
  fmt::print("  {} transactions, {} arrivals, {} epochs, {} lives, {} us\n", outcome.transactions, outcome.arrivals,
             outcome.epochs, outcome.lives, outcome.virtual_us);
  fmt::print("trace digest: {:016x}\n", outcome.digest);
  sum.failed += outcome.findings.empty() ? 0 : 1;
  sum.transactions += outcome.transactions;
  sum.epochs += outcome.epochs;
}

int run(std::span<char*> arguments) {
  const std::optional<Wishes> wishes = read_wishes(arguments, "quoll_sim_ensemble");
  if (!wishes) return 2;
  Sum sum;
  for (std::uint64_t seed = wishes->seed; seed < wishes->seed + wishes->runs; ++seed) run_one(*wishes, seed, sum);
  if (wishes->runs > 1)
    fmt::print("{} transactions in {} epochs\n{} passed, {} failed\n", sum.transactions, sum.epochs,
               wishes->runs - sum.failed, sum.failed);
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace quoll::sim

int main(int argc, char** argv) {
  return quoll::sim::run({argv, static_cast<std::size_t>(argc)});
}
