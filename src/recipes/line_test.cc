// Lines of members in the simulated world, while connections, sessions and servers are lost.
#include "recipes/line.h"

#include <gtest/gtest.h>

#include "recipes/guard.h"
#include "recipes/multi_lock.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using client::Result;
using sim::ClientWorld;
using Results = std::vector<client::OperationResult>;

// A member on a machine of its own, and what it has heard.
struct Member {
  Member(ClientWorld& world, ClientWorld::Place& place, LineOptions options)
      : line(*place.client, ClientWorld::world_of(place.machine), std::move(options)) {
    line.on_lost([this] { ++losses; });
    (void)world;
  }
  void acquire(std::int64_t timeout_ms = 0) {
    line.acquire(timeout_ms, [this](Result<Token> result) { answer = std::move(result); });
  }
  void release() {
    line.release([this] { ++releases; });
  }
  [[nodiscard]] bool holds() const { return line.state() == Line::State::held; }

  Line line;
  std::optional<Result<Token>> answer;
  int losses = 0;
  int releases = 0;
};

LineOptions lock(std::size_t holders_max = 1) {
  return {.path = "/locks/a", .data = "test", .holders_max = holders_max};
}

TEST(Line, members_hold_one_after_the_other_in_the_order_in_which_they_joined) {
  ClientWorld world;
  std::deque<Member> members;
  for (int i = 0; i < 5; ++i) {
    members.emplace_back(world, world.connected(), lock());
    members.back().acquire();
    world.simulation.run_for(1000);
  }
  Token last;
  for (Member& member : members) {
    ASSERT_TRUE(world.simulation.run_until([&] { return member.holds(); }, 10'000));
    EXPECT_EQ(std::ranges::count_if(members, [](const Member& each) { return each.holds(); }), 1);
    EXPECT_TRUE(member.line.surely_held());
    EXPECT_GT(member.line.token(), last);
    last = member.line.token();
    member.release();
  }
  EXPECT_TRUE(world.simulation.run_until([&] { return members.back().releases == 1; }, 10'000));
  EXPECT_TRUE(world.children(*world.connected(), "/locks/a")->names.empty());
}

TEST(Line, the_names_are_those_of_curator) {
  ClientWorld world;
  auto& place = world.connected();
  Member member(world, place, lock());
  member.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return member.holds(); }, 10'000));
  const std::string name = world.children(*place, "/locks/a")->names.at(0);
  ASSERT_EQ(name.size(), std::string_view("_c_01234567-0123-4123-8123-0123456789ab-lock-0000000000").size());
  EXPECT_TRUE(name.starts_with("_c_")) << name;
  EXPECT_TRUE(name.ends_with("-lock-0000000000")) << name;
  EXPECT_EQ(world.get(*place, "/locks/a/" + name)->data, "test");
}

TEST(Line, a_member_of_another_implementation_stands_in_the_same_line) {
  ClientWorld world;
  auto& place = world.connected();
  Member first(world, place, lock());
  first.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return first.holds(); }, 10'000));
  const std::string curators = "/locks/a/_c_ffffffff-0000-4000-8000-000000000000-lock-";
  const auto other = world.create(*place, curators, "", {.mode = {.ephemeral = true, .sequential = true}});
  Member third(world, world.connected(), lock());
  third.acquire();
  world.simulation.run_for(1000);
  first.release();
  world.simulation.run_for(1000);
  EXPECT_FALSE(third.holds());
  ASSERT_TRUE(world.remove(*place, other->path));
  EXPECT_TRUE(world.simulation.run_until([&] { return third.holds(); }, 10'000));
}

TEST(Line, a_semaphore_has_several_holders) {
  ClientWorld world;
  std::deque<Member> members;
  for (int i = 0; i < 4; ++i) members.emplace_back(world, world.connected(), lock(2)).acquire();
  world.simulation.run_for(5000);
  const auto holders = [&] { return std::ranges::count_if(members, [](const Member& each) { return each.holds(); }); };
  EXPECT_EQ(holders(), 2);
  std::ranges::find_if(members, [](const Member& each) { return each.holds(); })->release();
  world.simulation.run_for(5000);
  EXPECT_EQ(holders(), 2);
}

TEST(Line, a_release_wakes_one_member) {
  ClientWorld world;
  std::deque<Member> members;
  for (int i = 0; i < 20; ++i) members.emplace_back(world, world.connected(), lock()).acquire();
  world.simulation.run_for(5000);
  const auto sends = world.simulation.network.server_sends;
  for (Member& member : members) {
    if (!member.holds()) continue;
    member.release();
    break;
  }
  world.simulation.run_for(1000);
  EXPECT_EQ(std::ranges::count_if(members, [](const Member& each) { return each.holds(); }), 1);
  // The answer to the delete; the event, the list and the answer to get of the next. No pings within a second.
  EXPECT_LE(world.simulation.network.server_sends - sends, 8);
}

TEST(Line, an_acquire_ends_at_its_deadline_and_leaves_nothing_behind) {
  ClientWorld world;
  Member holder(world, world.connected(), lock());
  holder.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return holder.holds(); }, 10'000));
  Member waiter(world, world.connected(), lock());
  waiter.acquire(2000);
  ASSERT_TRUE(world.simulation.run_until([&] { return waiter.answer.has_value(); }, 5000));
  EXPECT_EQ(waiter.answer->error().code, Error::request_timeout);
  EXPECT_EQ(waiter.line.state(), Line::State::out);
  EXPECT_EQ(world.children(*world.connected(), "/locks/a")->names.size(), 1U);
  EXPECT_TRUE(holder.holds());
}

TEST(Line, a_member_that_is_released_while_it_waits_leaves) {
  ClientWorld world;
  Member holder(world, world.connected(), lock());
  holder.acquire();
  world.simulation.run_for(1000);
  Member waiter(world, world.connected(), lock());
  waiter.acquire();
  waiter.release();  // even before its znode exists
  ASSERT_TRUE(world.simulation.run_until([&] { return waiter.releases == 1; }, 5000));
  EXPECT_FALSE(*waiter.answer);
  EXPECT_EQ(world.children(*world.connected(), "/locks/a")->names.size(), 1U);
}

TEST(Line, a_holder_whose_session_expires_has_lost_and_the_next_holds) {
  ClientWorld world;
  auto& place = world.connected(6000);
  Member first(world, place, lock());
  first.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return first.holds(); }, 10'000));
  Member second(world, world.connected(), lock());
  second.acquire();
  world.simulation.run_for(1000);
  world.cut_off(place);
  // It knows by its own clock before anybody else can hold.
  ASSERT_TRUE(world.simulation.run_until([&] { return !first.line.surely_held(); }, 6001));
  EXPECT_FALSE(second.holds());
  ASSERT_TRUE(world.simulation.run_until([&] { return second.holds(); }, 20'000));
  world.let_through(place);
  ASSERT_TRUE(world.simulation.run_until([&] { return first.losses == 1; }, 20'000));
  EXPECT_TRUE(second.holds());
}

TEST(Line, a_holder_keeps_holding_when_its_server_dies) {
  ClientWorld world(3);
  auto& place = world.connected();
  Member first(world, place, lock());
  first.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return first.holds(); }, 10'000));
  world.kill(world.server_of(*place));
  world.simulation.run_for(10'000);
  EXPECT_TRUE(first.line.surely_held());
  EXPECT_EQ(first.losses, 0);
}

TEST(Line, a_holder_whose_znode_is_deleted_has_lost) {
  ClientWorld world;
  auto& place = world.connected();
  Member first(world, place, lock());
  first.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return first.holds(); }, 10'000));
  ASSERT_TRUE(world.remove(*world.connected(), first.line.node()));
  EXPECT_TRUE(world.simulation.run_until([&] { return first.losses == 1; }, 10'000));
  EXPECT_FALSE(first.line.surely_held());
}

LineOptions reader() {
  return {.path = "/locks/rw", .name = kReaders, .data = ""};
}
LineOptions writer() {
  return {.path = "/locks/rw", .name = kWriters, .data = ""};
}

TEST(Line, readers_hold_together_and_a_writer_holds_alone) {
  ClientWorld world;
  std::deque<Member> line;
  for (const LineOptions& each : {reader(), reader(), writer(), reader(), reader(), writer()}) {
    line.emplace_back(world, world.connected(), each).acquire();
    world.simulation.run_for(500);
  }
  const auto holders = [&] {
    std::string all;
    for (const Member& each : line) all += each.holds() ? '1' : '0';
    return all;
  };
  EXPECT_EQ(holders(), "110000");
  line[0].release();
  world.simulation.run_for(1000);
  EXPECT_EQ(holders(), "010000");
  line[1].release();
  world.simulation.run_for(1000);
  EXPECT_EQ(holders(), "001000");
  line[2].release();
  world.simulation.run_for(1000);
  EXPECT_EQ(holders(), "000110");
  line[3].release();
  line[4].release();
  world.simulation.run_for(1000);
  EXPECT_EQ(holders(), "000001");
  EXPECT_TRUE(line[5].line.node().contains("-__WRIT__0000000005")) << line[5].line.node();
}

// The create is on its way to the server's disk when the next connection is there already: it must be waited for, or
// there would be two znodes, of which one is never deleted.
TEST(Line, a_create_that_happens_after_the_reconnect_makes_no_second_znode) {
  ClientWorld world;
  auto& place = world.connected();
  ASSERT_TRUE(world.create(*place, "/locks", ""));
  ASSERT_TRUE(world.create(*place, "/locks/a", ""));
  Member member(world, place, lock());
  world.machine(1).workers.hang();
  member.acquire();
  world.simulation.run_for(5);
  world.simulation.network.cut_links(place.machine.name(), "server1");
  world.simulation.run_for(1000);
  EXPECT_EQ(place->state(), client::State::connected);
  EXPECT_FALSE(member.holds());
  world.machine(1).workers.go_on();
  ASSERT_TRUE(world.simulation.run_until([&] { return member.holds(); }, 10'000));
  world.simulation.run_for(1000);
  EXPECT_EQ(world.children(*world.connected(), "/locks/a")->names.size(), 1U);
}

// ---- several locks

TEST(MultiLock, all_are_held_or_none_and_a_lost_one_loses_all) {
  ClientWorld world;
  auto& place = world.connected();
  auto& other = world.connected();
  const auto paths = [](std::initializer_list<const char*> names) {
    std::vector<LineOptions> locks;
    for (const char* const name : names) locks.push_back({.path = std::string("/multi/") + name, .data = ""});
    return locks;
  };
  MultiLock ab(*place.client, ClientWorld::world_of(place.machine), paths({"b", "a"}));
  MultiLock bc(*other.client, ClientWorld::world_of(other.machine), paths({"c", "b"}));
  const auto acquire = [&](MultiLock& lock, std::int64_t timeout_ms) {
    return world.await<void>([&](auto done) { lock.acquire(timeout_ms, std::move(done)); });
  };
  const auto write = [&](MultiLock& lock) {
    return world.await<Results>([&](auto done) { lock.write({client::op::Set{"/x", "1"}}, std::move(done)); });
  };
  ASSERT_TRUE(world.create(*place, "/x", "0"));
  ASSERT_TRUE(acquire(ab, 0));
  EXPECT_TRUE(ab.surely_held());
  EXPECT_EQ(write(ab)->size(), 1U);
  EXPECT_EQ(acquire(bc, 1000).error().code, Error::request_timeout);
  EXPECT_EQ(write(bc).error().fate, client::Fate::not_sent);
  EXPECT_TRUE(world.children(*place, "/multi/b")->names.size() == 1);
  int losses = 0;
  ab.on_lost([&] { ++losses; });
  const std::string node = "/multi/a/" + world.children(*place, "/multi/a")->names.at(0);
  ASSERT_TRUE(world.remove(*other, node));
  ASSERT_TRUE(world.simulation.run_until([&] { return losses == 1; }, 5000));
  EXPECT_FALSE(ab.surely_held());
  ASSERT_TRUE(world.await<void>([&](auto done) { ab.release(std::move(done)); }));
  EXPECT_TRUE(acquire(bc, 5000));
}

// Cuts the connection at every moment of joining, holding and leaving: there is never a second znode, nor one left
// behind.
TEST(Line, lost_answers_leave_no_znode_behind) {
  for (std::int64_t cut_us = 0; cut_us < 8000; cut_us += 50) {
    ClientWorld world;
    auto& place = world.connected();
    Member member(world, place, lock());
    member.acquire();
    const std::int64_t until = world.simulation.scheduler.now_us() + cut_us;
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until; }, 100);
    if (cut_us % 100 == 0) member.release();
    world.simulation.network.cut_links(place.machine.name(), "server1");
    world.simulation.run_for(5000);
    auto& other = *world.connected();
    if (cut_us % 100 == 0) {
      EXPECT_EQ(member.releases, 1) << cut_us;
      const auto left = world.children(other, "/locks/a");
      EXPECT_TRUE(!left || left->names.empty()) << cut_us;
    } else {
      EXPECT_TRUE(member.holds()) << cut_us;
      EXPECT_EQ(world.children(other, "/locks/a")->names.size(), 1U) << cut_us;
    }
  }
}

// ---- the guard

TEST(Guard, a_paused_holder_cannot_write_and_an_unguarded_one_could) {
  ClientWorld world;
  auto& place = world.connected(6000);
  auto& other = world.connected();
  ASSERT_TRUE(world.create(*other, "/guarded", "old"));
  ASSERT_TRUE(world.create(*other, "/unguarded", "old"));
  Member first(world, place, lock());
  first.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return first.holds(); }, 10'000));
  Member second(world, other, lock());
  second.acquire();
  // The process is stopped, as by SIGSTOP, and a new session of the same program writes what it had in hand.
  place.machine.loop.close();
  ASSERT_TRUE(world.simulation.run_until([&] { return second.holds(); }, 30'000));
  Guard now(second.line);
  ASSERT_TRUE(
      world.await<Results>([&](auto done) { now.multi({client::op::Set{"/guarded", "new"}}, std::move(done)); }));
  ASSERT_TRUE(world.set(*other, "/unguarded", "new"));
  place.machine.loop.open();
  // It does not know yet. What it had in hand goes over another connection here, whose session is alive, so that only
  // the check can refuse it.
  ASSERT_TRUE(first.holds());
  const std::string old_node = first.line.node();
  auto& late = *world.connected();
  const auto guarded = world.await<Results>([&](auto done) {
    late.multi({client::op::Check{old_node}, client::op::Set{"/guarded", "late"}}, std::move(done));
  });
  ASSERT_FALSE(guarded);
  EXPECT_EQ(guarded.error().code, Error::no_node);
  EXPECT_EQ(guarded.error().operation, 0U);
  ASSERT_TRUE(world.set(late, "/unguarded", "late"));
  EXPECT_EQ(world.get(late, "/guarded")->data, "new");
  EXPECT_EQ(world.get(late, "/unguarded")->data, "late");
  ASSERT_TRUE(world.simulation.run_until([&] { return first.losses == 1; }, 30'000));
  Guard lost(first.line);
  const auto refused =
      world.await<Results>([&](auto done) { lost.multi({client::op::Set{"/guarded", "later"}}, std::move(done)); });
  EXPECT_EQ(refused.error().fate, client::Fate::not_sent);
}

TEST(Guard, a_write_after_the_znode_has_gone_is_refused_by_the_server) {
  ClientWorld world;
  auto& place = world.connected();
  auto& other = *world.connected();
  ASSERT_TRUE(world.create(other, "/guarded", "old"));
  Member member(world, place, lock());
  member.acquire();
  ASSERT_TRUE(world.simulation.run_until([&] { return member.holds(); }, 10'000));
  Guard guard(member.line);
  const auto written = world.await<Results>([&](auto done) {
    guard.multi({client::op::Set{"/guarded", "mine"}, client::op::Create{"/more", "", {}}}, std::move(done));
  });
  ASSERT_TRUE(written);
  EXPECT_EQ(written->size(), 2U);
  place.machine.loop.close();
  ASSERT_TRUE(world.remove(other, member.line.node()));
  place.machine.loop.open();
  // The event that tells of the loss has not been read yet.
  ASSERT_TRUE(member.holds());
  const auto refused =
      world.await<Results>([&](auto done) { guard.multi({client::op::Set{"/guarded", "late"}}, std::move(done)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().operation, 0U);
  EXPECT_EQ(refused.error().text, "/locks/a is not held any more; nothing was written");
  EXPECT_EQ(world.get(other, "/guarded")->data, "mine");
}

}  // namespace
}  // namespace quoll::recipes
