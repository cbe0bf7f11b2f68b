// Tests of the simulator: a seed gives one history, and a part of a plan can be run.
#include "sim/trial/trial.h"

#include <gtest/gtest.h>

#include "sim/trial/cost_trial.h"

namespace quoll::sim {
namespace {

TEST(Trial, a_hundred_seeds_give_the_same_trace_twice_and_no_two_the_same) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Outcome first = run_trial(make_plan(seed));
    const Outcome second = run_trial(make_plan(seed));
    ASSERT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.findings, Findings()) << "seed " << seed;
    digests.insert(first.digest);
  }
  EXPECT_EQ(digests.size(), 100U);
}

TEST(Trial, a_part_of_a_plan_is_a_plan) {
  Plan plan = make_plan(3);
  std::erase_if(plan.items, [i = 0](const Item&) mutable { return ++i % 3 != 0; });
  const Outcome outcome = run_trial(plan);
  EXPECT_EQ(outcome.findings, Findings());
  EXPECT_GT(outcome.transactions, 10);
  plan.items.clear();
  EXPECT_EQ(run_trial(plan).findings, Findings());
}

TEST(Trial, a_seed_whose_workload_is_named_is_the_same_history) {
  const Plan plan = make_plan(5);
  EXPECT_EQ(run_trial(make_plan(5, plan.workload)).digest, run_trial(plan).digest);
}

TEST(Trial, workloads_send_every_operation_and_every_kind_of_fault_occurs) {
  std::set<OpCode> asked;
  std::set<Item::Kind> kinds;
  for (const std::string& workload : workloads()) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      for (const Item& item : make_plan(seed, workload).items) {
        kinds.insert(item.kind);
        if (item.kind == Item::Kind::ask) asked.insert(item.ask.op);
      }
    }
  }
  // Not ping and setWatches, which the client itself sends, and not check, which is only in multis.
  EXPECT_EQ(asked.size(), 24U);
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(Item::Kind::snapshot_error) + 1);
}

TEST(Trial, the_cost_of_an_event_is_limited_by_its_requests) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    EXPECT_EQ(run_trial(make_plan(seed, kCostWorkload)).findings, Findings()) << "seed " << seed;
}

}  // namespace
}  // namespace quoll::sim
