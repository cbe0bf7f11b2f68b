// What the random histories of the recipes have in common: many of them, and what must be true at their ends.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {

// Runs a trial for each of the seeds 1 to `seeds`, and calls `count` with it; ends with the first failure.
template <typename Trial, typename Count>
void run_trials(std::uint64_t seeds, Count count) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Trial trial(seed);
    trial.run();
    count(trial);
    if (::testing::Test::HasFailure()) break;
  }
}

// Two minutes of trouble, and then a quiet time in which everything that can recover does.
inline void suffer(sim::ClientWorld& world, Trouble& trouble) {
  for (int step = 0; step < 60; ++step) trouble.strike(2000);
  trouble.heal();
  world.simulation.run_for(40'000);
}

// A counter has all writes that were answered, and at most those whose answers were lost besides. Both are counted when
// the counter has been read, because others write meanwhile.
template <typename Writes, typename MaybeWrites>  // int()
void expect_counter(sim::ClientWorld& world, const std::string& path, Writes writes, MaybeWrites maybe_writes) {
  const auto counter = world.get(*world.connected(), path);
  ASSERT_TRUE(counter) << counter.error().text;
  const int value = std::stoi(*counter->data);
  EXPECT_GE(value, writes());
  EXPECT_LE(value, writes() + maybe_writes());
}

// Those whose session is alive hold again.
template <typename Member>
void expect_progress(sim::ClientWorld& world, const std::vector<std::unique_ptr<Member>>& members) {
  for (const auto& each : members) {
    if (each->is_over()) continue;
    const int before = each->holds;
    EXPECT_TRUE(world.simulation.run_until([&] { return each->holds > before; }, 60'000));
  }
}

template <typename Member>
[[nodiscard]] int sum_of(const std::vector<std::unique_ptr<Member>>& members, int Member::* count) {
  int all = 0;
  for (const auto& each : members) all += (*each).*count;
  return all;
}

}  // namespace quoll::recipes
