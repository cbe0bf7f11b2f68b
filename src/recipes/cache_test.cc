// Caches in the simulated world, compared with what the servers have, while connections and servers are lost.
#include "recipes/cache.h"

#include <gtest/gtest.h>

#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using sim::ClientWorld;
using Changed = CacheChange::Kind;

// A cache, and a copy that is made of nothing but the changes that it tells.
struct Follower {
  Follower(ClientWorld::Place& place, CacheOptions options)
      : cache(*place.client, ClientWorld::world_of(place.machine), std::move(options)) {
    cache.start([this](const CacheChange& change) { follow(change); });
  }
  void follow(const CacheChange& change) {
    kinds.push_back(change.kind);
    if (change.kind > Changed::removed) return;
    lines.push_back(
        fmt::format("{}{}={}", "+*-"[static_cast<int>(change.kind)], change.path, change.node.data.value_or("null")));
    const auto known = copy.find(change.path);
    EXPECT_EQ(known == copy.end(), change.kind == Changed::created) << lines.back();
    if (change.kind == Changed::changed) {
      EXPECT_GT(change.node.stat.mzxid, known->second.stat.mzxid) << lines.back();
    }
    if (change.kind == Changed::removed) {
      copy.erase(change.path);
    } else {
      copy[change.path] = change.node;
    }
    ASSERT_EQ(copy.size(), cache.nodes().size());
  }
  [[nodiscard]] std::size_t count(Changed kind) const {
    return static_cast<std::size_t>(std::ranges::count(kinds, kind));
  }

  std::map<std::string, client::NodeData> copy;
  std::vector<std::string> lines;
  std::vector<Changed> kinds;
  Cache cache;
};

struct OneCache {
  explicit OneCache(CacheOptions options) : writer(*world.connected()), place(world.connected()) {
    EXPECT_TRUE(world.create(writer, "/c", "0"));
    EXPECT_TRUE(world.create(writer, "/c/a", "1"));
    EXPECT_TRUE(world.create(writer, "/c/a/b", "2"));
    EXPECT_TRUE(world.create(writer, "/cc", "no"));
    follower.emplace(place, std::move(options));
    EXPECT_TRUE(settle());
    follower->lines.clear();
  }
  bool settle() {
    world.simulation.run_for(100);
    return world.simulation.run_until([&] { return follower->cache.is_settled(); }, 60'000);
  }
  ClientWorld world;
  client::Client& writer;
  ClientWorld::Place& place;
  std::optional<Follower> follower;
};

TEST(Cache, a_tree_is_copied_and_followed_in_order) {
  OneCache one({.path = "/c"});
  EXPECT_EQ(one.follower->cache.nodes().size(), 3U);
  EXPECT_EQ(one.follower->cache.find("/c/a/b")->data, "2");
  EXPECT_EQ(one.follower->cache.find("/cc"), nullptr);
  ASSERT_TRUE(one.world.create(one.writer, "/c/d", "3"));
  ASSERT_TRUE(one.world.set(one.writer, "/c/a", "4"));
  ASSERT_TRUE(one.world.set(one.writer, "/cc", "5"));
  ASSERT_TRUE(one.world.remove(one.writer, "/c/a/b"));
  ASSERT_TRUE(one.world.set(one.writer, "/c", "6"));
  one.world.simulation.run_for(1000);
  EXPECT_EQ(one.follower->lines, (std::vector<std::string>{"+/c/d=3", "*/c/a=4", "-/c/a/b=2", "*/c=6"}));
  EXPECT_EQ(one.follower->count(Changed::settled), 1U);
}

TEST(Cache, a_node_and_children_have_their_scope) {
  OneCache node({.path = "/c", .scope = CacheScope::node});
  EXPECT_EQ(node.follower->cache.nodes().size(), 1U);
  OneCache children({.path = "/c", .scope = CacheScope::children});
  EXPECT_EQ(children.follower->cache.nodes().size(), 2U);
  for (OneCache* one : {&node, &children}) {
    ASSERT_TRUE(one->world.set(one->writer, "/c/a/b", "x"));
    ASSERT_TRUE(one->world.set(one->writer, "/c/a", "y"));
    ASSERT_TRUE(one->world.set(one->writer, "/c", "z"));
    one->world.simulation.run_for(1000);
  }
  EXPECT_EQ(node.follower->lines, (std::vector<std::string>{"*/c=z"}));
  EXPECT_EQ(children.follower->lines, (std::vector<std::string>{"*/c/a=y", "*/c=z"}));
}

TEST(Cache, the_root_and_a_znode_that_does_not_exist_yet_are_followed) {
  OneCache root({.path = "/"});
  EXPECT_NE(root.follower->cache.find("/zookeeper"), nullptr);
  EXPECT_EQ(root.follower->cache.find("/c/a")->data, "1");
  OneCache later({.path = "/later"});
  EXPECT_TRUE(later.follower->cache.nodes().empty());
  ASSERT_TRUE(later.world.create(later.writer, "/later", "x"));
  ASSERT_TRUE(later.world.create(later.writer, "/later/child", "y"));
  later.world.simulation.run_for(1000);
  EXPECT_EQ(later.follower->lines, (std::vector<std::string>{"+/later=x", "+/later/child=y"}));
}

TEST(Cache, what_is_below_a_znode_that_has_replaced_another_is_kept) {
  OneCache one({.path = "/c"});
  using Results = std::vector<client::OperationResult>;
  ASSERT_TRUE(one.world.await<Results>([&](auto done) {
    one.writer.multi({client::op::Remove{"/c/a/b"}, client::op::Remove{"/c/a"}, client::op::Create{"/c/a", "3", {}},
                      client::op::Create{"/c/a/b", "4", {}}},
                     std::move(done));
  }));
  one.world.simulation.run_for(1000);
  // Each once: the cache reads the child first, and finds its parent replaced afterwards.
  std::ranges::sort(one.follower->lines);
  EXPECT_EQ(one.follower->lines, (std::vector<std::string>{"+/c/a/b=4", "+/c/a=3", "-/c/a/b=2", "-/c/a=1"}));
}

TEST(Cache, what_was_missed_without_a_connection_is_told_afterwards) {
  OneCache one({.path = "/c"});
  one.world.cut_off(one.place);
  one.world.simulation.run_for(22'000);
  ASSERT_TRUE(one.world.remove(one.writer, "/c/a/b"));
  ASSERT_TRUE(one.world.remove(one.writer, "/c/a"));
  ASSERT_TRUE(one.world.create(one.writer, "/c/a", "again"));
  ASSERT_TRUE(one.world.create(one.writer, "/c/e", "new"));
  EXPECT_EQ(one.follower->count(Changed::stale), 1U);
  EXPECT_EQ(one.follower->cache.find("/c/a")->data, "1");
  one.world.let_through(one.place);
  ASSERT_TRUE(one.settle());
  EXPECT_EQ(one.follower->lines, (std::vector<std::string>{"-/c/a/b=2", "-/c/a=1", "+/c/a=again", "+/c/e=new"}));
  EXPECT_EQ(one.follower->count(Changed::settled), 2U);
}

TEST(Cache, it_ends_with_its_session_and_says_so) {
  OneCache one({.path = "/c"});
  one.world.cut_off(one.place);
  one.world.simulation.run_for(60'000);
  one.world.let_through(one.place);
  ASSERT_TRUE(one.world.simulation.run_until([&] { return one.follower->count(Changed::ended) == 1; }, 60'000));
  EXPECT_EQ(one.follower->cache.failure()->code, Error::session_expired);
}

TEST(Cache, it_ends_when_there_are_more_znodes_than_its_limit) {
  OneCache one({.path = "/c", .nodes_max = 4});
  ASSERT_TRUE(one.world.create(one.writer, "/c/x", ""));
  one.world.simulation.run_for(1000);
  EXPECT_EQ(one.follower->count(Changed::ended), 0U);
  ASSERT_TRUE(one.world.create(one.writer, "/c/y", ""));
  ASSERT_TRUE(one.world.simulation.run_until([&] { return one.follower->count(Changed::ended) == 1; }, 5000));
  EXPECT_EQ(one.follower->cache.failure()->code, Error::throttled_op);
  EXPECT_EQ(one.follower->cache.nodes().size(), 4U);
}

TEST(Cache, a_znode_that_may_not_be_read_is_left_out) {
  OneCache one({.path = "/c"});
  const AclList nobody{{perm::kAdmin, {"world", "anyone"}}};
  ASSERT_TRUE(one.world.await<Stat>([&](auto done) { one.writer.set_acl("/c/a", nobody, -1, std::move(done)); }));
  one.world.simulation.network.cut_links(one.place.machine.name(), "server1");
  ASSERT_TRUE(one.world.simulation.run_until([&] { return one.follower->count(Changed::settled) == 2; }, 20'000));
  EXPECT_EQ(one.follower->cache.nodes().size(), 1U);
}

// ---- random histories

// Writes at random below /r, and reads nothing.
class Writer {
 public:
  Writer(ClientWorld& world, ClientWorld::Place& place, base::Prng& chance) : place_(place), chance_(chance) {
    EXPECT_TRUE(world.create(*place, "/r", ""));
    write();
  }
  void stop() { timer_.reset(); }

 private:
  std::string path() {
    std::string path = "/r";
    for (std::uint64_t depth = chance_.below(3) + 1; depth > 0; --depth)
      path += fmt::format("/{}", static_cast<char>('a' + chance_.below(3)));
    return path;
  }
  void write() {
    const auto ignore = [](const auto&) {};
    for (std::uint64_t count = chance_.below(6); count > 0; --count) {
      const std::string data = std::to_string(++writes_);
      switch (chance_.below(3)) {
        case 0:
          place_->create(path(), data, {}, ignore);
          break;
        case 1:
          place_->remove(path(), client::kAnyVersion, ignore);
          break;
        default:
          place_->set(path(), data, client::kAnyVersion, ignore);
      }
    }
    timer_ = place_.machine.env().timers.after(static_cast<std::int64_t>(chance_.below(20)), [this] { write(); });
  }
  ClientWorld::Place& place_;
  base::Prng& chance_;
  int writes_ = 0;
  std::unique_ptr<env::Timer> timer_;
};

std::map<std::string, client::NodeData> read_all(ClientWorld& world, client::Client& client, const std::string& path) {
  std::map<std::string, client::NodeData> all;
  const auto node = world.get(client, path);
  if (!node) return all;
  all[path] = *node;
  const auto children = world.children(client, path);
  for (const std::string& name : children->names) all.merge(read_all(world, client, path + "/" + name));
  return all;
}

TEST(CacheTrial, the_copy_is_that_of_the_servers_after_whatever_happens) {
  std::size_t changes = 0;
  std::size_t rounds = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    auto& writing = world.connected(40'000);
    Writer writer(world, writing, trouble.chance());
    auto& place = world.connected(40'000);
    // Small windows show what the order of the steps is worth.
    Follower follower(place, {.path = "/r", .reads_max = seed % 2 == 0 ? 2U : 256U});
    trouble.add(place);
    for (int strike = 0; strike < 30; ++strike) trouble.strike(800);
    trouble.heal();
    world.simulation.run_for(3000);
    writer.stop();
    world.simulation.run_for(10'000);
    if (client::is_final(place->state())) continue;
    ASSERT_TRUE(world.simulation.run_until([&] { return follower.cache.is_settled(); }, 60'000));
    const auto real = read_all(world, *world.connected(), "/r");
    ASSERT_EQ(real.size(), follower.copy.size());
    for (const auto& [path, node] : real) {
      EXPECT_EQ(follower.copy[path].data, node.data) << path;
      EXPECT_EQ(follower.copy[path].stat.mzxid, node.stat.mzxid) << path;
    }
    changes += follower.lines.size();
    rounds += follower.count(Changed::settled);
    if (::testing::Test::HasFailure()) break;
  }
  // The histories are worth something.
  EXPECT_GT(changes, 10'000U);
  EXPECT_GT(rounds, 80U);
}

}  // namespace
}  // namespace quoll::recipes
