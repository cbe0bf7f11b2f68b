// The registry of names in the simulated world, while answers, connections, sessions and servers are lost.
#include "recipes/naming.h"

#include <gtest/gtest.h>
#include <set>

#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes::naming_test {
namespace {

using client::Fate;
using client::Result;
using sim::ClientWorld;

struct User {
  User(ClientWorld& w, ClientWorld::Place& p) : world(w), place(p) {
    names.emplace(*p.client, ClientWorld::world_of(p.machine), "/registry");
  }
  Result<Claim> claim(const std::string& name, const std::string& data, Lifetime lifetime = Lifetime::session) {
    return world.await<Claim>([&](auto done) { names->claim(name, data, lifetime, std::move(done)); });
  }
  Result<Claim> claim_next(const std::string& prefix) {
    return world.await<Claim>([&](auto done) { names->claim_next(prefix, "", Lifetime::session, std::move(done)); });
  }
  Result<void> change(const Claim& claim, const std::string& data) {
    return world.await<void>([&](auto done) { names->change(claim, data, std::move(done)); });
  }
  Result<void> release(const Claim& claim) {
    return world.await<void>([&](auto done) { names->release(claim, std::move(done)); });
  }
  Result<void> evict(const std::string& name) {
    return world.await<void>([&](auto done) { names->evict(name, std::move(done)); });
  }
  // "-": nobody has it.
  std::string look_up(const std::string& name) {
    const auto found =
        world.await<std::optional<std::string>>([&](auto done) { names->look_up(name, std::move(done)); });
    return found ? found->value_or("-") : found.error().text;
  }
  ClientWorld& world;
  ClientWorld::Place& place;
  std::optional<Names> names;
};

TEST(Names, a_name_has_one_owner_who_may_change_and_release_it) {
  ClientWorld world;
  User one(world, world.connected());
  User other(world, world.connected());
  EXPECT_EQ(one.look_up("db"), "-");
  const auto claim = one.claim("db", "10.0.0.1");
  ASSERT_TRUE(claim) << claim.error().text;
  EXPECT_EQ(other.claim("db", "10.0.0.2").error().code, Error::node_exists);
  EXPECT_EQ(other.look_up("db"), "10.0.0.1");
  EXPECT_TRUE(one.change(*claim, "10.0.0.3"));
  EXPECT_EQ(other.look_up("db"), "10.0.0.3");
  EXPECT_TRUE(one.release(*claim));
  EXPECT_TRUE(one.release(*claim));
  EXPECT_EQ(one.change(*claim, "x").error().code, Error::no_node);
  const auto theirs = other.claim("db", "10.0.0.2");
  ASSERT_TRUE(theirs);
  // The former owner's claim does nothing to the new one.
  EXPECT_TRUE(one.release(*claim));
  EXPECT_EQ(one.change(*claim, "x").error().code, Error::no_node);
  EXPECT_EQ(one.look_up("db"), "10.0.0.2");
  for (const char* const name : {"", "a/b", ".", "zookeeper\t"})
    EXPECT_EQ(one.claim(name, "").error().code, Error::bad_arguments) << name;
}

TEST(Names, a_claim_lasts_as_long_as_its_session_or_until_it_is_released_or_evicted) {
  ClientWorld world;
  User one(world, world.connected(4000));
  User other(world, world.connected());
  ASSERT_TRUE(one.claim("leased", "1"));
  const auto kept = one.claim("kept", "1", Lifetime::until_released);
  ASSERT_TRUE(kept);
  world.cut_off(one.place);
  world.simulation.run_for(20'000);
  EXPECT_EQ(other.look_up("leased"), "-");
  EXPECT_EQ(other.look_up("kept"), "1");
  // Whoever has the claim may go on with it.
  EXPECT_TRUE(other.change(*kept, "2"));
  EXPECT_EQ(other.claim("kept", "3").error().code, Error::node_exists);
  EXPECT_TRUE(other.evict("kept"));
  EXPECT_TRUE(other.evict("kept"));
  EXPECT_EQ(other.change(*kept, "4").error().code, Error::no_node);
  EXPECT_TRUE(world.children(*other.place, "/registry/owners")->names.empty());
  EXPECT_TRUE(other.claim("kept", "5"));
}

TEST(Names, numbered_names_are_given_once_also_after_their_release) {
  ClientWorld world;
  User one(world, world.connected());
  User other(world, world.connected());
  ASSERT_TRUE(one.claim("worker2", "chosen by hand"));
  std::set<std::string> given{"worker2"};
  for (int i = 0; i < 5; ++i) {
    for (User* const user : {&one, &other}) {
      const auto claim = user->claim_next("worker");
      ASSERT_TRUE(claim) << claim.error().text;
      EXPECT_TRUE(given.insert(claim->name).second) << claim->name;
      EXPECT_TRUE(user->release(*claim));
    }
  }
}

TEST(Names, followers_hear_of_names_in_order_and_have_them_all) {
  ClientWorld world;
  User one(world, world.connected());
  User follower(world, world.connected());
  ASSERT_TRUE(one.claim("a", "1"));
  std::vector<std::string> heard;
  follower.names->follow([&](const NameChange& change) {
    heard.push_back(fmt::format("{} {} {}", static_cast<int>(change.kind), change.name, change.data));
  });
  world.simulation.run_for(1000);
  EXPECT_EQ(heard, (std::vector<std::string>{"0 a 1", "3  "}));
  heard.clear();
  const auto claim = one.claim("b", "2");
  ASSERT_TRUE(claim);
  world.simulation.run_for(100);
  ASSERT_TRUE(one.change(*claim, "3"));
  EXPECT_TRUE(
      world.simulation.run_until([&] { return follower.names->all().contains("b") && heard.size() >= 2; }, 1000));
  EXPECT_EQ(follower.names->all(), (std::map<std::string, std::string>{{"a", "1"}, {"b", "3"}}));
  ASSERT_TRUE(one.release(*claim));
  world.simulation.run_for(1000);
  EXPECT_EQ(heard, (std::vector<std::string>{"0 b 2", "1 b 3", "2 b 3"}));
}

// Cuts the connection at every moment of a claim: it succeeds, once, and the name is the claimer's.
TEST(Names, a_claim_whose_answer_is_lost_is_the_claimers) {
  for (std::int64_t cut_us = 0; cut_us < 8000; cut_us += 100) {
    SCOPED_TRACE(cut_us);
    ClientWorld world;
    User one(world, world.connected());
    User other(world, world.connected());
    ASSERT_TRUE(other.claim("first", ""));
    std::optional<Result<Claim>> claimed;
    one.names->claim("db", "x", Lifetime::until_released, [&](Result<Claim> got) { claimed = std::move(got); });
    const std::int64_t until_us = world.simulation.scheduler.now_us() + cut_us;
    world.simulation.run_until([&] { return world.simulation.scheduler.now_us() >= until_us; }, cut_us / 1000 + 1);
    world.simulation.network.cut_links(one.place.machine.name(), "server1");
    ASSERT_TRUE(world.simulation.run_until([&] { return claimed.has_value(); }, 60'000));
    ASSERT_TRUE(*claimed) << claimed->error().text;
    EXPECT_TRUE(one.change(**claimed, "y"));
    EXPECT_EQ(other.look_up("db"), "y");
    EXPECT_TRUE(one.release(**claimed));
    EXPECT_EQ(world.children(*other.place, "/registry/owners")->names.size(), 1U);
  }
}

// Programs that claim, change and release the same few names, in random histories.
class Program {
 public:
  Program(ClientWorld& world, Trouble& trouble, std::map<std::string, const Program*>& owners)
      : place_(world.connected(5000)), owners_(owners) {
    trouble.add(place_);
    names_ = std::make_unique<Names>(*place_.client, ClientWorld::world_of(place_.machine), "/registry");
    names_->follow([](const NameChange&) {});
  }
  void begin() {
    if (is_over()) return;
    const std::string name = fmt::format("n{}", random().below(3));
    names_->claim(name, "", Lifetime::until_released, [this](const Result<Claim>& got) {
      if (got) return hold(*got);
      // Nobody can know whether it has the name.
      if (got.error().fate == Fate::may_be_applied) ++unknown;
      again();
    });
  }
  [[nodiscard]] bool is_over() const { return client::is_final(place_->state()); }
  [[nodiscard]] std::map<std::string, std::string> all() const { return names_->all(); }
  int claims = 0;
  int unknown = 0;

 private:
  // Until it is released, nobody else may get it.
  void hold(const Claim& claim) {
    ++claims;
    EXPECT_TRUE(owners_.emplace(claim.name, this).second) << claim.name;
    const std::string value = std::to_string(random().below(1000));
    names_->change(claim, value, [this, claim](const Result<void>& changed) {
      if (!changed) {
        EXPECT_NE(changed.error().fate, Fate::answered) << changed.error().text;
      }
      if (is_over()) return;
      // Others may have it from now on.
      owners_.erase(claim.name);
      names_->release(claim, [this](const Result<void>& released) {
        if (!released) ++unknown;
        again();
      });
    });
  }
  void again() {
    pause_ = place_.machine.env().timers.after(50, [this] { begin(); });
  }
  [[nodiscard]] env::Random& random() { return place_.machine.env().random; }

  ClientWorld::Place& place_;
  std::map<std::string, const Program*>& owners_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<env::Timer> pause_;
};

TEST(NamesTrial, a_name_belongs_to_one_owner_whatever_happens) {
  int claims = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    std::map<std::string, const Program*> owners;
    std::vector<std::unique_ptr<Program>> programs;
    for (int i = 0; i < 4; ++i) programs.push_back(std::make_unique<Program>(world, trouble, owners));
    for (const auto& each : programs) each->begin();
    for (int step = 0; step < 50; ++step) trouble.strike(1500);
    trouble.heal();
    world.simulation.run_for(40'000);
    // Each name has one owner, or none, and all who follow agree.
    auto& reader = *world.connected();
    std::set<std::string> owned;
    const auto owners_left = world.children(reader, "/registry/owners");
    ASSERT_TRUE(owners_left);
    for (const std::string& each : owners_left->names)
      EXPECT_TRUE(owned.insert(each.substr(0, each.find(':'))).second) << each;
    for (const auto& each : programs) claims += each->claims;
    if (::testing::Test::HasFailure()) break;
  }
  RecordProperty("claims", claims);
  EXPECT_GT(claims, 1000);
}

}  // namespace
}  // namespace quoll::recipes::naming_test
