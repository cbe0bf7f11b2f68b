// Queues and barriers in the simulated world, while consumers, connections and servers are lost.
#include "recipes/queue.h"

#include <gtest/gtest.h>
#include <map>

#include "recipes/barrier.h"
#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using client::Result;
using sim::ClientWorld;

struct User {
  User(ClientWorld& w, ClientWorld::Place& p, std::int32_t items_max = 10'000) : world(w), place(p) {
    queue.emplace(*p.client, ClientWorld::world_of(p.machine), QueueOptions{.path = "/q", .items_max = items_max});
  }
  Result<void> put(const std::string& data, PutOptions options = {}) {
    return world.await<void>([&](auto done) { queue->put(data, options, std::move(done)); });
  }
  Result<QueueItem> take(std::int64_t timeout_ms = 5000) {
    return world.await<QueueItem>([&](auto done) { queue->take(timeout_ms, std::move(done)); });
  }
  Result<void> acknowledge(const std::string& name) {
    return world.await<void>([&](auto done) { queue->acknowledge(name, std::move(done)); });
  }
  ClientWorld& world;
  ClientWorld::Place& place;
  std::optional<Queue> queue;
};

TEST(Queue, items_come_in_order_of_priority_and_then_of_their_coming) {
  ClientWorld world;
  User user(world, world.connected());
  EXPECT_EQ(user.take(100).error().code, Error::request_timeout);
  ASSERT_TRUE(user.put("b"));
  ASSERT_TRUE(user.put("c"));
  ASSERT_TRUE(user.put("d", {.priority = 900}));
  ASSERT_TRUE(user.put("a", {.priority = 1}));
  for (const char* const expected : {"a", "b", "c", "d"}) {
    const auto item = user.take();
    ASSERT_TRUE(item) << item.error().text;
    EXPECT_EQ(item->data, expected);
    EXPECT_TRUE(user.acknowledge(item->name));
    EXPECT_EQ(user.acknowledge(item->name).error().code, Error::no_node);
  }
  EXPECT_TRUE(world.children(*user.place, "/q/items")->names.empty());
  EXPECT_TRUE(world.children(*user.place, "/q/claims")->names.empty());
}

TEST(Queue, a_delayed_item_is_not_taken_before_its_time) {
  ClientWorld world;
  User user(world, world.connected());
  ASSERT_TRUE(user.put("late", {.delay_ms = 3000}));
  const std::int64_t before = world.simulation.scheduler.now_us();
  EXPECT_EQ(user.take(1000).error().code, Error::request_timeout);
  EXPECT_EQ(user.take(10'000)->data, "late");
  EXPECT_GE(world.simulation.scheduler.now_us() - before, 2'900'000);
}

TEST(Queue, an_item_that_is_given_back_or_whose_consumer_dies_is_anothers) {
  ClientWorld world;
  User first(world, world.connected(6000));
  User second(world, world.connected());
  ASSERT_TRUE(first.put("x"));
  auto item = first.take();
  ASSERT_TRUE(item);
  EXPECT_EQ(second.take(100).error().code, Error::request_timeout);
  ASSERT_TRUE(world.await<void>([&](auto done) { first.queue->give_back(item->name, std::move(done)); }));
  item = second.take();
  ASSERT_TRUE(item);
  ASSERT_TRUE(world.await<void>([&](auto done) { second.queue->give_back(item->name, std::move(done)); }));
  item = first.take();
  // It is suspended past its session: the item is the other's, and its own acknowledgement comes too late.
  world.cut_off(first.place);
  EXPECT_EQ(second.take(30'000)->data, "x");
  world.let_through(first.place);
  EXPECT_FALSE(first.acknowledge(item->name));
  EXPECT_EQ(world.children(*second.place, "/q/items")->names.size(), 1U);
  EXPECT_TRUE(second.acknowledge(item->name));
}

TEST(Queue, a_full_queue_refuses) {
  ClientWorld world;
  User user(world, world.connected(), 3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(user.put("x"));
  EXPECT_EQ(user.put("y").error().code, Error::quota_exceeded);
}

TEST(QueueTrial, every_item_is_acknowledged_by_one_and_none_is_lost_whatever_happens) {
  std::size_t done_count = 0;
  std::size_t repeated = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    std::map<std::string, int> acknowledged;  // by the names of items, which are unique
    std::set<std::string> data;
    std::size_t deliveries = 0;
    struct Consumer {
      Consumer(ClientWorld& w, ClientWorld::Place& p, std::map<std::string, int>& a, std::set<std::string>& d,
               std::size_t& n)
          : user(w, p), acknowledged(a), data(d), deliveries(n) {}
      void go() {
        user.queue->take(0, [this](const Result<QueueItem>& item) {
          if (!item) return again();
          ++deliveries;
          work = user.place.machine.env().timers.after(500, [this, item = *item] {
            user.queue->acknowledge(item.name, [this, item](const Result<void>& result) {
              if (result) {
                ++acknowledged[item.name];
                data.insert(item.data);
              } else if (result.error().fate == client::Fate::may_be_applied) {
                maybe.insert(item.data);
              }
              again();
            });
          });
        });
      }
      void again() {
        if (!client::is_final(user.place->state())) next = user.place.machine.env().timers.after(1, [this] { go(); });
      }
      User user;
      std::map<std::string, int>& acknowledged;
      std::set<std::string>& data;
      std::set<std::string> maybe;
      std::size_t& deliveries;
      std::unique_ptr<env::Timer> work;
      std::unique_ptr<env::Timer> next;
    };
    std::deque<Consumer> consumers;
    for (int i = 0; i < 4; ++i) {
      auto& place = world.connected(6000);
      if (i > 0) trouble.add(place);
      consumers.emplace_back(world, place, acknowledged, data, deliveries).go();
    }
    User producer(world, world.connected(40'000));
    int put = 0;
    for (int strike = 0; strike < 25; ++strike) {
      for (int i = 0; i < 4; ++i) {
        producer.queue->put(std::to_string(strike * 4 + i), {},
                            [&](const Result<void>& result) { put += result ? 1 : 0; });
      }
      trouble.strike(2500);
    }
    trouble.heal();
    ASSERT_TRUE(world.simulation.run_until([&] { return put == 100; }, 60'000));
    const auto all_done = [&] {
      std::set<std::string> done = data;
      for (const Consumer& each : consumers) done.insert(each.maybe.begin(), each.maybe.end());
      return done.size() == 100;
    };
    ASSERT_TRUE(world.simulation.run_until(all_done, 120'000)) << data.size();
    EXPECT_TRUE(std::ranges::all_of(acknowledged, [](const auto& each) { return each.second == 1; }));
    // Items whose answers were lost may be there twice.
    auto& reader = *world.connected();
    for (int i = 0; i < 60 && !world.children(reader, "/q/items")->names.empty(); ++i) world.simulation.run_for(1000);
    EXPECT_TRUE(world.children(reader, "/q/items")->names.empty());
    done_count += acknowledged.size();
    repeated += deliveries - acknowledged.size();
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GE(done_count, 2450U);
  EXPECT_GT(repeated, 3U);
}

// ---- barriers

TEST(Barrier, all_wait_until_it_is_lifted) {
  ClientWorld world;
  auto& place = world.connected();
  auto& other = world.connected();
  Barrier mine(*place.client, ClientWorld::world_of(place.machine), "/gate/one");
  Barrier theirs(*other.client, ClientWorld::world_of(other.machine), "/gate/one");
  const auto wait = [&](std::int64_t timeout_ms) {
    return world.await<void>([&](auto done) { theirs.wait(timeout_ms, std::move(done)); });
  };
  EXPECT_TRUE(wait(100));
  ASSERT_TRUE(world.await<void>([&](auto done) { mine.set(std::move(done)); }));
  EXPECT_EQ(wait(100).error().code, Error::request_timeout);
  bool is_through = false;
  theirs.wait(0, [&](const Result<void>& result) { is_through = result.has_value(); });
  world.simulation.run_for(1000);
  EXPECT_FALSE(is_through);
  world.simulation.network.cut_links(other.machine.name(), "server1");
  ASSERT_TRUE(world.await<void>([&](auto done) { mine.lift(std::move(done)); }));
  EXPECT_TRUE(world.simulation.run_until([&] { return is_through; }, 10'000));
}

struct Walker {
  Walker(ClientWorld::Place& p, const std::string& path, int count)
      : place(p), barrier(*p.client, ClientWorld::world_of(p.machine), path, count) {}
  void enter(std::int64_t timeout_ms = 0) {
    barrier.enter(timeout_ms, [this](const Result<void>& result) { entered = result; });
  }
  void leave() {
    barrier.leave(0, [this](const Result<void>& result) { left = result; });
  }
  ClientWorld::Place& place;
  DoubleBarrier barrier;
  std::optional<Result<void>> entered;
  std::optional<Result<void>> left;
};

TEST(DoubleBarrier, all_begin_together_and_end_together) {
  ClientWorld world;
  std::deque<Walker> walkers;
  const auto entered = [&] {
    return std::ranges::count_if(walkers, [](const Walker& w) { return w.entered && *w.entered; });
  };
  const auto left = [&] { return std::ranges::count_if(walkers, [](const Walker& w) { return w.left && *w.left; }); };
  for (int i = 0; i < 5; ++i) walkers.emplace_back(world.connected(), "/double", 5);
  for (int i = 0; i < 4; ++i) walkers[static_cast<std::size_t>(i)].enter();
  world.simulation.run_for(2000);
  EXPECT_EQ(entered(), 0);
  walkers[4].enter();
  ASSERT_TRUE(world.simulation.run_until([&] { return entered() == 5; }, 10'000));
  for (int i = 0; i < 4; ++i) walkers[static_cast<std::size_t>(i)].leave();
  world.simulation.run_for(2000);
  EXPECT_EQ(left(), 0);
  walkers[4].leave();
  ASSERT_TRUE(world.simulation.run_until([&] { return left() == 5; }, 10'000));
  EXPECT_TRUE(world.children(*world.connected(), "/double")->names.empty());
}

TEST(DoubleBarrier, one_that_comes_alone_goes_in_time) {
  ClientWorld world;
  Walker alone(world.connected(), "/double", 2);
  alone.enter(1000);
  ASSERT_TRUE(world.simulation.run_until([&] { return alone.entered.has_value(); }, 5000));
  EXPECT_EQ(alone.entered->error().text, "/double: only 1 of 2 members have come in time");
  EXPECT_TRUE(world.children(*world.connected(), "/double")->names.empty());
}

TEST(DoubleBarrierTrial, those_who_live_come_through_whatever_happens) {
  int through = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    std::deque<Walker> walkers;
    for (int i = 0; i < 4; ++i) {
      auto& place = world.connected(40'000);
      trouble.add(place);
      walkers.emplace_back(place, "/double", 4).enter();
      trouble.strike(300);
    }
    bool someone_left = false;
    for (int strike = 0; strike < 20; ++strike) {
      const bool all_in = std::ranges::all_of(walkers, [](const Walker& w) { return w.entered.has_value(); });
      // Nobody has left before all were in and wanted to leave.
      for (Walker& each : walkers) {
        if (each.entered && !each.left && all_in && !someone_left) each.leave();
      }
      someone_left = someone_left || all_in;
      trouble.strike(400);
    }
    trouble.heal();
    if (!someone_left) {
      ASSERT_TRUE(world.simulation.run_until(
          [&] { return std::ranges::all_of(walkers, [](const Walker& w) { return w.entered.has_value(); }); }, 90'000));
      for (Walker& each : walkers) each.leave();
    }
    ASSERT_TRUE(world.simulation.run_until(
        [&] { return std::ranges::all_of(walkers, [](const Walker& w) { return w.left.has_value(); }); }, 90'000));
    for (const Walker& each : walkers) through += *each.left ? 1 : 0;
  }
  EXPECT_GT(through, 100);
}

}  // namespace
}  // namespace quoll::recipes
