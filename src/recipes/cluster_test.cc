// Groups and clusters in the simulated world, while members, servers and connections are lost.
#include "recipes/cluster.h"

#include <gtest/gtest.h>

#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using client::Result;
using sim::ClientWorld;
using Results = std::vector<client::OperationResult>;

// ---- balance

TEST(Balance, items_are_shared_evenly_and_move_as_little_as_possible) {
  const std::set<std::string> items{"1", "2", "3", "4", "5"};
  EXPECT_TRUE(balance({}, items, {}).empty());
  EXPECT_EQ(balance({"a"}, items, {}), (Assignment{{"a", items}}));
  EXPECT_EQ(balance({"a", "b"}, items, {{"a", items}}), (Assignment{{"a", {"1", "2", "3"}}, {"b", {"4", "5"}}}));
  // One is gone; those who stay keep what they have.
  EXPECT_EQ(balance({"b", "c"}, items, {{"a", {"1", "2"}}, {"b", {"3", "4"}}, {"c", {"5"}}}),
            (Assignment{{"b", {"1", "3", "4"}}, {"c", {"2", "5"}}}));
  // Two believe to have the same: the first member has it.
  EXPECT_EQ(balance({"a", "b"}, {"1"}, {{"a", {"1"}}, {"b", {"1"}}}), (Assignment{{"a", {"1"}}, {"b", {}}}));
}

TEST(Balance, random_assignments_are_complete_even_and_stable) {
  base::Prng chance(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> members;
    std::set<std::string> items;
    Assignment current;
    for (std::uint64_t i = chance.below(6) + 1; i > 0; --i) members.push_back(fmt::format("m{}", i));
    for (std::uint64_t i = chance.below(20); i > 0; --i) items.insert(fmt::format("i{}", i));
    for (const std::string& item : items) current[fmt::format("m{}", chance.below(8))].insert(item);
    const Assignment plan = balance(members, items, current);
    std::set<std::string> all;
    std::size_t least = SIZE_MAX;
    std::size_t most = 0;
    for (const auto& [member, own] : plan) {
      for (const std::string& item : own) EXPECT_TRUE(all.insert(item).second);
      least = std::min(least, own.size());
      most = std::max(most, own.size());
    }
    EXPECT_EQ(all, items);
    EXPECT_EQ(plan.size(), members.size());
    EXPECT_LE(most - least, 1U);
    EXPECT_EQ(balance(members, items, plan), plan);
  }
}

// ---- members

struct Guest {
  Guest(ClientWorld& w, ClientWorld::Place& p) : world(w), place(p) {
    members.emplace(*place.client, ClientWorld::world_of(place.machine), "/group");
    members->start([this](const MemberChange& change) {
      if (change.kind <= MemberChange::Kind::left)
        heard.push_back("+*-"[static_cast<int>(change.kind)] + change.member.id + "=" + change.member.data);
    });
  }
  Result<void> join(const std::string& id, const std::string& data, std::int64_t timeout_ms = 0) {
    return world.await<void>([&](auto done) { members->join(id, data, timeout_ms, std::move(done)); });
  }
  [[nodiscard]] std::string names() const {
    std::string all;
    for (const Member& each : members->list()) all += each.id;
    return all;
  }
  ClientWorld& world;
  ClientWorld::Place& place;
  std::vector<std::string> heard;
  std::optional<Members> members;
};

TEST(Members, are_listed_in_the_order_in_which_they_joined) {
  ClientWorld world;
  Guest watcher(world, world.connected());
  Guest z(world, world.connected());
  Guest a(world, world.connected());
  ASSERT_TRUE(z.join("z", "1"));
  ASSERT_TRUE(a.join("a", "2"));
  ASSERT_TRUE(world.await<void>([&](auto done) { z.members->set_data("3", std::move(done)); }));
  world.simulation.run_for(1000);
  EXPECT_EQ(watcher.names(), "za");
  ASSERT_TRUE(world.await<void>([&](auto done) { z.members->leave(std::move(done)); }));
  world.simulation.run_for(1000);
  EXPECT_EQ(watcher.heard, (std::vector<std::string>{"+z=1", "+a=2", "*z=3", "-z=3"}));
  EXPECT_EQ(a.heard, watcher.heard);
}

TEST(Members, an_id_in_use_is_refused_at_the_deadline_and_given_when_it_is_free) {
  ClientWorld world;
  Guest first(world, world.connected(6000));
  Guest second(world, world.connected());
  ASSERT_TRUE(first.join("x", "1"));
  const auto refused = second.join("x", "2", 1000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::node_exists);
  EXPECT_NE(refused.error().text.find("/group/x belongs to another session"), std::string::npos);
  world.cut_off(first.place);
  EXPECT_TRUE(second.join("x", "2"));
  EXPECT_EQ(world.get(*second.place, "/group/x")->data, "2");
}

TEST(Members, one_whose_znode_is_deleted_joins_again) {
  ClientWorld world;
  Guest one(world, world.connected());
  ASSERT_TRUE(one.join("x", "1"));
  ASSERT_TRUE(world.remove(*world.connected(), "/group/x"));
  world.simulation.run_for(1000);
  EXPECT_EQ(one.heard, (std::vector<std::string>{"+x=1", "-x=1", "+x=1"}));
}

TEST(Members, lost_answers_make_no_second_member_and_leave_none_behind) {
  for (std::int64_t cut_us = 0; cut_us < 8000; cut_us += 500) {
    ClientWorld world;
    Guest one(world, world.connected());
    bool is_in = false;
    bool is_out = false;
    one.members->join("x", "1", 0, [&](const Result<void>& result) { is_in = result.has_value(); });
    const std::int64_t until = world.simulation.scheduler.now_us() + cut_us;
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until; }, 100);
    world.simulation.network.cut_links(one.place.machine.name(), "server1");
    ASSERT_TRUE(world.simulation.run_until([&] { return is_in; }, 10'000)) << cut_us;
    one.members->leave([&](const Result<void>& result) { is_out = result.has_value(); });
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until + 4000; }, 100);
    world.simulation.network.cut_links(one.place.machine.name(), "server1");
    ASSERT_TRUE(world.simulation.run_until([&] { return is_out; }, 10'000)) << cut_us;
    world.simulation.run_for(1000);
    EXPECT_TRUE(world.children(*world.connected(), "/group")->names.empty()) << cut_us;
  }
}

// ---- the cluster

// A member that finishes what is taken from it after a while, and counts in the data of its items with guarded writes.
struct Node {
  Node(ClientWorld& world, ClientWorld::Place& p, const std::string& id) : place(p) {
    cluster.emplace(*place.client, ClientWorld::world_of(place.machine),
                    ClusterOptions{.path = "/cluster", .id = id, .data = "at " + id});
    cluster->start([this](const ClusterEvent& event) { on_event(event); },
                   [this](const Result<void>& result) { is_in = result.has_value(); });
    (void)world;
  }
  void on_event(const ClusterEvent& event) {
    using Kind = ClusterEvent::Kind;
    if (event.kind == Kind::begin) ++begins;
    if (event.kind == Kind::ended) is_over = true;
    if (event.kind != Kind::end) return;
    endings.push_back(place.machine.env().timers.after(200, [this, item = event.name] {
      if (cluster) cluster->finished(item);
    }));
  }
  // One at a time, and not across the end of the work.
  void count(const std::string& item) {
    if (!counting.insert(item).second) return;
    const std::string path = "/count/" + item;
    place->get(path, nullptr, [this, path, item, began = begins](const Result<client::NodeData>& got) {
      if (!got || began != begins) return void(counting.erase(item));
      cluster->write(item, {client::op::Set{path, std::to_string(std::stoi(*got->data) + 1)}},
                     [this, item](const Result<Results>& result) {
                       counting.erase(item);
                       if (result) ++writes;
                       if (!result && result.error().fate == client::Fate::may_be_applied) ++maybe_writes;
                     });
    });
  }

  ClientWorld::Place& place;
  std::optional<Cluster> cluster;
  bool is_in = false;
  bool is_over = false;
  int begins = 0;
  int writes = 0;
  int maybe_writes = 0;
  std::set<std::string> counting;
  std::vector<std::unique_ptr<env::Timer>> endings;
};

class Clusters {
 public:
  explicit Clusters(int servers = 1, std::uint64_t seed = 1, std::int32_t timeout_ms = 5000)
      : world(servers, seed), timeout_ms_(timeout_ms) {
    world.simulation.after_step = [this] { check_once(); };
  }
  ~Clusters() { world.simulation.after_step = nullptr; }

  Node& add(const std::string& id) {
    nodes.push_back(std::make_unique<Node>(world, world.connected(timeout_ms_), id));
    Node& node = *nodes.back();
    EXPECT_TRUE(world.simulation.run_until([&] { return node.is_in; }, 30'000));
    return node;
  }
  void add_work(Node& node, const std::string& item) {
    EXPECT_TRUE(world.await<void>([&](auto done) { node.cluster->add_work(item, "do " + item, std::move(done)); }));
    items.insert(item);
  }
  // Each item has one member, and the members have equally many.
  [[nodiscard]] bool is_even() const {
    std::set<std::string> all;
    std::size_t least = SIZE_MAX;
    std::size_t most = 0;
    for (const auto& node : nodes) {
      if (node->is_over || !node->cluster) continue;
      const auto own = node->cluster->work();
      all.insert(own.begin(), own.end());
      least = std::min(least, own.size());
      most = std::max(most, own.size());
    }
    return all == items && most - least <= 1;
  }
  bool become_even(std::int64_t limit_ms = 60'000) {
    return world.simulation.run_until([this] { return is_even(); }, limit_ms);
  }
  [[nodiscard]] int masters() const {
    return static_cast<int>(std::ranges::count_if(
        nodes, [](const auto& node) { return node->cluster && !node->is_over && node->cluster->is_master(); }));
  }

  ClientWorld world;
  std::vector<std::unique_ptr<Node>> nodes;
  std::set<std::string> items;

 private:
  // No two surely work on the same.
  void check_once() {
    for (const std::string& item : items) {
      EXPECT_LE(std::ranges::count_if(
                    nodes, [&](const auto& node) { return node->cluster && node->cluster->surely_works_on(item); }),
                1)
          << item;
    }
  }
  const std::int32_t timeout_ms_;
};

TEST(Cluster, work_is_divided_and_divided_anew_when_members_come_and_go) {
  Clusters all;
  Node& a = all.add("a");
  for (int i = 0; i < 6; ++i) all.add_work(a, fmt::format("w{}", i));
  ASSERT_TRUE(all.become_even());
  EXPECT_TRUE(a.cluster->is_master());
  all.add("b");
  Node& c = all.add("c");
  ASSERT_TRUE(all.become_even());
  EXPECT_EQ(c.cluster->work().size(), 2U);
  // Six at first, and two to each of the others: no item has moved twice.
  EXPECT_EQ(all.nodes[0]->begins + all.nodes[1]->begins + all.nodes[2]->begins, 10);
  EXPECT_EQ(c.cluster->members().at(0).data, "at a");
  // One leaves in peace, and its work goes on elsewhere.
  bool has_left = false;
  c.cluster->leave([&](const Result<void>& result) { has_left = result.has_value(); });
  ASSERT_TRUE(all.world.simulation.run_until([&] { return has_left; }, 10'000));
  ASSERT_TRUE(c.cluster->work().empty());
  c.cluster.reset();
  ASSERT_TRUE(all.become_even());
  EXPECT_EQ(all.nodes[1]->cluster->work().size(), 3U);
  ASSERT_TRUE(all.world.await<void>([&](auto done) { a.cluster->remove_work("w0", std::move(done)); }));
  all.items.erase("w0");
  EXPECT_TRUE(all.become_even());
}

TEST(Cluster, a_master_that_dies_is_followed_and_its_work_goes_on) {
  Clusters all(3);
  Node& a = all.add("a");
  Node& b = all.add("b");
  Node& c = all.add("c");
  for (int i = 0; i < 6; ++i) all.add_work(a, fmt::format("w{}", i));
  ASSERT_TRUE(all.become_even());
  ASSERT_TRUE(a.cluster->is_master());
  const auto kept = b.cluster->work();
  all.world.cut_off(a.place);
  a.cluster.reset();
  // And the server of another one, too.
  all.world.kill(all.world.server_of(*b.place));
  ASSERT_TRUE(all.become_even());
  EXPECT_EQ(all.masters(), 1);
  const auto now = b.cluster->work();
  EXPECT_TRUE(std::ranges::includes(now, kept));
  EXPECT_EQ(b.cluster->work().size(), 3U);
  EXPECT_EQ(c.cluster->work().size(), 3U);
}

TEST(Cluster, what_is_not_finished_is_not_begun_elsewhere) {
  Clusters all;
  Node& a = all.add("a");
  all.add_work(a, "w0");
  all.add_work(a, "w1");
  ASSERT_TRUE(all.become_even());
  // It never says that it has finished.
  a.place.machine.loop.close();
  all.world.simulation.run_for(100);
  Node& b = *all.nodes.emplace_back(std::make_unique<Node>(all.world, all.world.connected(), "b"));
  a.place.machine.loop.open();
  ASSERT_TRUE(all.world.simulation.run_until([&] { return !a.endings.empty(); }, 20'000));
  a.endings.clear();
  all.world.simulation.run_for(10'000);
  EXPECT_EQ(a.cluster->work().size(), 2U);
  EXPECT_TRUE(b.cluster->work().empty());
  a.cluster->finished("w1");
  EXPECT_TRUE(all.become_even());
}

TEST(Cluster, a_member_without_the_claim_cannot_write) {
  Clusters all;
  Node& a = all.add("a");
  all.add_work(a, "w0");
  ASSERT_TRUE(all.become_even());
  ASSERT_TRUE(all.world.create(*a.place, "/x", "0"));
  const auto write = [&](const std::string& item) {
    return all.world.await<Results>(
        [&](auto done) { a.cluster->write(item, {client::op::Set{"/x", "1"}}, std::move(done)); });
  };
  EXPECT_EQ(write("w1").error().fate, client::Fate::not_sent);
  EXPECT_EQ(write("w0")->size(), 1U);
  ASSERT_TRUE(all.world.remove(*all.world.connected(), a.cluster->claim_of("w0")));
  EXPECT_EQ(write("w0").error().operation, 0U);
}

TEST(ClusterTrial, each_item_has_one_member_and_no_write_is_lost_whatever_happens) {
  int begins = 0;
  int writes = 0;
  int overs = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Clusters all(3, seed);
    Trouble trouble(all.world, 3, seed);
    for (const char* const id : {"a", "b", "c", "d"}) trouble.add(all.add(id).place);
    auto& setup = *all.world.connected();
    ASSERT_TRUE(all.world.create(setup, "/count", ""));
    for (int i = 0; i < 7; ++i) {
      ASSERT_TRUE(all.world.create(setup, fmt::format("/count/w{}", i), "0"));
      all.add_work(*all.nodes[0], fmt::format("w{}", i));
    }
    for (int strike = 0; strike < 40; ++strike) {
      trouble.strike(1500);
      // One more, which gets work of those who live.
      if (strike % 12 == 6) all.add(fmt::format("more{}", strike));
      for (const auto& node : all.nodes) {
        for (const std::string& item : node->cluster->work()) node->count(item);
      }
    }
    trouble.heal();
    all.world.simulation.run_for(30'000);
    // Members whose sessions are over come back as new ones.
    if (std::ranges::all_of(all.nodes, [](const auto& node) { return node->is_over; })) all.add("e");
    ASSERT_TRUE(all.become_even(120'000));
    EXPECT_EQ(all.masters(), 1);
    int sum = 0;
    int counted = 0;
    int maybe = 0;
    for (const std::string& item : all.items)
      sum += std::stoi(*all.world.get(*all.world.connected(), "/count/" + item)->data);
    for (const auto& node : all.nodes) {
      counted += node->writes;
      maybe += node->maybe_writes;
      begins += node->begins;
      overs += node->is_over ? 1 : 0;
    }
    // None has overwritten another's.
    EXPECT_GE(sum, counted);
    EXPECT_LE(sum, counted + maybe);
    writes += counted;
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(begins, 300);
  EXPECT_GT(writes, 2000);
  EXPECT_GT(overs, 10);
}

}  // namespace
}  // namespace quoll::recipes
