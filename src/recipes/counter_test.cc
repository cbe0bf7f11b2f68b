// Counters and generators of ids in the simulated world, while connections, sessions and servers are lost.
#include "recipes/counter.h"

#include <gtest/gtest.h>
#include <set>

#include "recipes/ids.h"
#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using client::Result;
using sim::ClientWorld;

Result<std::int64_t> add(ClientWorld& world, Counter& counter, std::int64_t delta) {
  return world.await<std::int64_t>([&](auto done) { counter.add(delta, std::move(done)); });
}

TEST(Counter, adds_and_says_what_it_has_become) {
  ClientWorld world;
  auto& place = world.connected();
  Counter counter(*place.client, ClientWorld::world_of(place.machine), "/deep/counter");
  EXPECT_EQ(*world.await<std::int64_t>([&](auto done) { counter.get(std::move(done)); }), 0);
  EXPECT_EQ(*add(world, counter, 5), 5);
  EXPECT_EQ(*add(world, counter, -7), -2);
  EXPECT_EQ(world.get(*place, "/deep/counter")->data, "-2");
  ASSERT_TRUE(world.set(*place, "/deep/counter", std::to_string(INT64_MAX)));
  EXPECT_EQ(add(world, counter, 1).error().code, Error::bad_arguments);
  ASSERT_TRUE(world.set(*place, "/deep/counter", "12x"));
  EXPECT_EQ(add(world, counter, 1).error().text, "/deep/counter holds \"12x\", which is no number: set it to one");
}

// Cuts the connection at every moment of an addition: it has happened, or not, or the caller is told that it is not
// known.
TEST(Counter, a_lost_answer_is_resolved_or_told) {
  int resolved = 0;
  for (std::int64_t cut_us = 0; cut_us < 6000; cut_us += 100) {
    ClientWorld world;
    auto& place = world.connected();
    Counter counter(*place.client, ClientWorld::world_of(place.machine), "/counter");
    ASSERT_TRUE(add(world, counter, 1));
    std::optional<Result<std::int64_t>> answer;
    counter.add(1, [&](Result<std::int64_t> result) { answer = std::move(result); });
    const std::int64_t until = world.simulation.scheduler.now_us() + cut_us;
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until; }, 100);
    world.simulation.network.cut_links(place.machine.name(), "server1");
    ASSERT_TRUE(world.simulation.run_until([&] { return answer.has_value(); }, 10'000));
    const std::string value = *world.get(*world.connected(), "/counter")->data;
    if (*answer) {
      EXPECT_EQ(value, "2") << cut_us;
      ++resolved;
    } else {
      EXPECT_EQ((*answer).error().fate, client::Fate::may_be_applied) << cut_us;
    }
  }
  EXPECT_GT(resolved, 10);
}

TEST(CounterTrial, nothing_is_lost_or_counted_twice_whatever_happens) {
  int sum = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    struct User {
      explicit User(ClientWorld::Place& p)
          : place(p), counter(*p.client, ClientWorld::world_of(p.machine), "/counter") {}
      void add() {
        counter.add(1, [this](const Result<std::int64_t>& result) {
          if (result) ++added;
          if (!result && result.error().fate == client::Fate::may_be_applied) ++maybe;
          if (!client::is_final(place->state()) && !is_done) add();
        });
      }
      ClientWorld::Place& place;
      Counter counter;
      int added = 0;
      int maybe = 0;
      bool is_done = false;
    };
    std::deque<User> users;
    for (int i = 0; i < 3; ++i) {
      auto& place = world.connected(6000);
      trouble.add(place);
      users.emplace_back(place).add();
    }
    for (int strike = 0; strike < 20; ++strike) trouble.strike(500);
    trouble.heal();
    for (User& each : users) each.is_done = true;
    world.simulation.run_for(30'000);
    int added = 0;
    int maybe = 0;
    for (const User& each : users) {
      added += each.added;
      maybe += each.maybe;
    }
    const int value = std::stoi(*world.get(*world.connected(), "/counter")->data);
    EXPECT_GE(value, added);
    EXPECT_LE(value, added + maybe);
    sum += added;
  }
  EXPECT_GT(sum, 3000);
}

// ---- ids

template <typename Ids>
Result<std::int64_t> next(ClientWorld& world, Ids& ids) {
  return world.await<std::int64_t>([&](auto done) { ids.next(std::move(done)); });
}

TEST(BlockIds, are_taken_in_blocks_and_given_one_by_one) {
  ClientWorld world;
  auto& place = world.connected();
  BlockIds ids(*place.client, ClientWorld::world_of(place.machine), "/ids", 10);
  BlockIds others(*place.client, ClientWorld::world_of(place.machine), "/ids", 10);
  EXPECT_EQ(*next(world, ids), 1);
  EXPECT_EQ(*next(world, ids), 2);
  EXPECT_EQ(*next(world, others), 11);
  std::vector<std::int64_t> got;
  for (int i = 0; i < 15; ++i) ids.next([&](const Result<std::int64_t>& id) { got.push_back(*id); });
  ASSERT_TRUE(world.simulation.run_until([&] { return got.size() == 15; }, 5000));
  EXPECT_EQ(got.front(), 3);
  EXPECT_EQ(got.back(), 27);
  EXPECT_EQ(world.get(*place, "/ids")->data, "30");
}

TEST(SnowflakeIds, grow_and_carry_the_worker) {
  ClientWorld world;
  auto& place = world.connected();
  SnowflakeIds ids(*place.client, ClientWorld::world_of(place.machine), "/flakes");
  std::int64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const auto id = next(world, ids);
    ASSERT_TRUE(id) << id.error().text;
    EXPECT_GT(*id, last);
    EXPECT_EQ((*id >> 12) & 1023, ids.worker());
    last = *id;
  }
  // More than fit into a ms.
  std::set<std::int64_t> many;
  for (int i = 0; i < 10'000; ++i) ids.next([&](const Result<std::int64_t>& id) { many.insert(*id); });
  ASSERT_TRUE(world.simulation.run_until([&] { return many.size() == 10'000; }, 5000));
}

TEST(SnowflakeIds, a_worker_id_that_is_leased_again_begins_behind_its_mark) {
  ClientWorld world;
  auto& place = world.connected();
  std::set<std::int64_t> all;
  std::int64_t last = 0;
  {
    SnowflakeIds ids(*place.client, ClientWorld::world_of(place.machine), "/flakes");
    last = *next(world, ids);
    // Only this worker id is free afterwards.
    for (int worker = 0; worker < SnowflakeIds::kWorkersMax; ++worker) {
      if (worker == ids.worker()) continue;
      ASSERT_TRUE(world.create(*place, fmt::format("/flakes/workers/{}", worker), ""));
    }
    SnowflakeIds none(*place.client, ClientWorld::world_of(place.machine), "/flakes");
    EXPECT_EQ(next(world, none).error().code, Error::quota_exceeded);
    ASSERT_TRUE(world.remove(*place, fmt::format("/flakes/workers/{}", ids.worker())));
  }
  SnowflakeIds again(*place.client, ClientWorld::world_of(place.machine), "/flakes");
  const auto id = next(world, again);
  EXPECT_EQ((*id >> 12) & 1023, (last >> 12) & 1023);
  EXPECT_GE((*id >> 22) - (last >> 22), SnowflakeIds::kAheadMs - 1000);
}

TEST(IdsTrial, no_id_is_given_twice_whatever_happens) {
  std::size_t blocks = 0;
  std::size_t flakes = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    std::set<std::int64_t> from_blocks;
    std::set<std::int64_t> from_flakes;
    struct User {
      User(ClientWorld::Place& p, std::set<std::int64_t>& b, std::set<std::int64_t>& f)
          : place(p),
            blocks(*p.client, ClientWorld::world_of(p.machine), "/blocks", 3),
            flakes(*p.client, ClientWorld::world_of(p.machine), "/flakes"),
            from_blocks(b),
            from_flakes(f) {}
      void go() {
        blocks.next(
            [this](const Result<std::int64_t>& id) { EXPECT_TRUE(!id || from_blocks.insert(*id).second) << *id; });
        flakes.next([this](const Result<std::int64_t>& id) {
          EXPECT_TRUE(!id || from_flakes.insert(*id).second) << *id;
          if (!client::is_final(place->state())) timer = place.machine.env().timers.after(10, [this] { go(); });
        });
      }
      ClientWorld::Place& place;
      BlockIds blocks;
      SnowflakeIds flakes;
      std::set<std::int64_t>& from_blocks;
      std::set<std::int64_t>& from_flakes;
      std::unique_ptr<env::Timer> timer;
    };
    std::deque<User> users;
    for (int i = 0; i < 3; ++i) {
      auto& place = world.connected(6000);
      trouble.add(place);
      users.emplace_back(place, from_blocks, from_flakes).go();
    }
    for (int strike = 0; strike < 20; ++strike) trouble.strike(800);
    blocks += from_blocks.size();
    flakes += from_flakes.size();
  }
  EXPECT_GT(blocks, 2000U);
  EXPECT_GT(flakes, 2000U);
}

}  // namespace
}  // namespace quoll::recipes
