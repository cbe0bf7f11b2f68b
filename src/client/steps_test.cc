// Coroutines on the client: their ends, and what they do when answers are lost.
#include "client/steps.h"

#include <gtest/gtest.h>

#include "sim/client_world.h"

namespace quoll::client {
namespace {

using sim::ClientWorld;

// Counts what is alive in a coroutine.
struct Guest {
  explicit Guest(int& n) : count(n) { ++count; }
  Guest(const Guest& other) : count(other.count) { ++count; }
  ~Guest() { --count; }
  int& count;
};

Task<Result<int>> inner(Steps steps, Guest guest) {
  const auto got = co_await steps.get("/a");
  if (!got) co_return std::unexpected(got.error());
  (void)co_await steps.pause(10);
  (void)guest;
  co_return std::stoi(*got->data);
}

Task<Result<int>> outer(Steps steps, Guest guest) {
  const auto first = co_await inner(steps, guest);
  if (!first) co_return std::unexpected(first.error());
  const auto second = co_await inner(steps, guest);
  if (!second) co_return std::unexpected(second.error());
  co_return *first + *second;
}

struct Tasks {
  Tasks() : place(world.connected()), steps(*place.client, ClientWorld::world_of(place.machine)) {
    EXPECT_TRUE(world.create(*place, "/a", "21"));
  }
  ClientWorld world;
  ClientWorld::Place& place;
  Steps steps;
  int alive = 0;
};

TEST(Task, gives_its_result_and_leaves_nothing_behind) {
  Tasks tasks;
  Life life;
  std::optional<Result<int>> result;
  start<int>(outer(tasks.steps, Guest(tasks.alive)), life, [&](Result<int> got) { result = std::move(got); });
  EXPECT_FALSE(result);
  EXPECT_GT(tasks.alive, 0);
  ASSERT_TRUE(tasks.world.simulation.run_until([&] { return result.has_value(); }, 1000));
  EXPECT_EQ(**result, 42);
  EXPECT_EQ(tasks.alive, 0);
}

TEST(Task, ends_with_its_owner_wherever_it_waits) {
  for (std::int64_t us = 0; us < 25'000; us += 500) {
    Tasks tasks;
    bool is_called = false;
    {
      Life life;
      start<int>(outer(tasks.steps, Guest(tasks.alive)), life, [&](const Result<int>&) { is_called = true; });
      const std::int64_t until = tasks.world.simulation.scheduler.now_us() + us;
      tasks.world.simulation.run_until([&] { return tasks.world.simulation.scheduler.now_us() >= until; }, 1000);
    }
    EXPECT_EQ(tasks.alive, 0) << us;
    const bool was_called = is_called;
    tasks.world.simulation.run_for(1000);
    EXPECT_EQ(is_called, was_called) << us;
  }
}

TEST(Task, ends_with_the_client_that_it_waits_for) {
  Tasks tasks;
  Life life;
  bool is_called = false;
  start<int>(outer(tasks.steps, Guest(tasks.alive)), life, [&](const Result<int>&) { is_called = true; });
  tasks.place.client.reset();
  EXPECT_EQ(tasks.alive, 0);
  EXPECT_FALSE(is_called);
}

TEST(Task, its_owner_may_end_in_its_last_function) {
  Tasks tasks;
  auto life = std::make_unique<Life>();
  start<int>(outer(tasks.steps, Guest(tasks.alive)), *life, [&](const Result<int>&) { life.reset(); });
  ASSERT_TRUE(tasks.world.simulation.run_until([&] { return life == nullptr; }, 1000));
  EXPECT_EQ(tasks.alive, 0);
}

TEST(Signal, is_remembered_until_somebody_waits_and_ends_in_time) {
  Tasks tasks;
  Life life;
  const auto signal = tasks.steps.signal();
  std::vector<bool> heard;
  struct Listen {
    static Task<Result<void>> twice(std::shared_ptr<Signal> signal, std::vector<bool>& heard) {
      for (int i = 0; i < 2; ++i) {
        const auto fired = co_await signal->fired(500);
        heard.push_back(fired.has_value());
      }
      co_return Result<void>();
    }
  };
  signal->fire();
  start<void>(Listen::twice(signal, heard), life, nullptr);
  tasks.world.simulation.run_for(1000);
  EXPECT_EQ(heard, (std::vector<bool>{true, false}));
}

TEST(Steps, gives_up_when_no_server_is_heard_of_for_three_session_timeouts) {
  ClientWorld world;
  auto& place = world.connected(4000);
  Steps steps(*place.client, ClientWorld::world_of(place.machine));
  Life life;
  std::optional<Result<NodeData>> result;
  world.kill(1);
  start<NodeData>(steps.sure_get("/a"), life, [&](Result<NodeData> got) { result = std::move(got); });
  world.simulation.run_for(11'000);
  EXPECT_FALSE(result);
  ASSERT_TRUE(world.simulation.run_until([&] { return result.has_value(); }, 10'000));
  EXPECT_EQ(result->error().code, Error::connection_loss);
}

// What a sync does not do: a write that was sent before, and whose answer is lost, has happened afterwards or never
// will.
TEST(Steps, after_an_order_nothing_that_was_sent_before_happens) {
  for (std::int64_t cut_us = 0; cut_us < 3000; cut_us += 50) {
    ClientWorld world;
    auto& place = world.connected();
    ASSERT_TRUE(world.create(*place, "/a", "old"));
    Steps steps(*place.client, ClientWorld::world_of(place.machine));
    Life life;
    place->set("/a", "new", kAnyVersion, [](const auto&) {});
    const std::int64_t until = world.simulation.scheduler.now_us() + cut_us;
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until; }, 100);
    world.simulation.network.cut_links(place.machine.name(), "server1");
    bool is_ordered = false;
    start<void>(steps.sure_order("/a"), life, [&](const Result<void>& result) { is_ordered = result.has_value(); });
    ASSERT_TRUE(world.simulation.run_until([&] { return is_ordered; }, 10'000));
    const auto seen = world.get(*place, "/a");
    world.simulation.run_for(5000);
    EXPECT_EQ(world.get(*place, "/a")->data, seen->data) << cut_us;
  }
}

}  // namespace
}  // namespace quoll::client
