// Configurations and services in the simulated world.
#include "recipes/configuration.h"

#include <gtest/gtest.h>

#include "recipes/discovery.h"
#include "recipes/test_trouble.h"
#include "sim/client_world.h"

namespace quoll::recipes {
namespace {

using client::Result;
using sim::ClientWorld;

TEST(ConfigValues, have_types_and_say_what_is_wrong) {
  const auto values = ConfigValues::parse("# people\nname=quoll\nport=2181\n\nfast=true\nempty=\n");
  ASSERT_TRUE(values);
  EXPECT_EQ(*values->text("name"), "quoll");
  EXPECT_EQ(*values->text("empty"), "");
  EXPECT_EQ(*values->integer("port"), 2181);
  EXPECT_TRUE(*values->boolean("fast"));
  EXPECT_EQ(values->integer("name").error(), "\"name\" is \"quoll\", which is no integer");
  EXPECT_EQ(values->boolean("port").error(), "\"port\" is \"2181\", and not true or false");
  EXPECT_EQ(values->text("none").error(), "the configuration has no \"none\"");
  EXPECT_EQ(ConfigValues::parse("a=1\nnonsense\n").error(),
            "line 2 is \"nonsense\": write key=value, or # before a comment");
}

TEST(Rollout, a_larger_share_contains_the_smaller_one_and_has_its_size) {
  Rollout rollout{.current = 1, .previous = 0, .trial = 2, .share = 0};
  std::set<std::string> before;
  for (const int share : {0, 10, 50, 100}) {
    rollout.share = share;
    EXPECT_EQ(Rollout::parse(rollout.text()), rollout);
    std::set<std::string> now;
    for (int i = 0; i < 1000; ++i) {
      const std::string id = fmt::format("host{}", i);
      if (rollout.version_for(id) == 2) now.insert(id);
    }
    EXPECT_TRUE(std::ranges::includes(now, before));
    EXPECT_NEAR(static_cast<double>(now.size()), share * 10.0, 50.0);
    before = now;
  }
}

struct Reader {
  Reader(ClientWorld::Place& p, const std::string& id)
      : place(p), reader(*p.client, ClientWorld::world_of(p.machine), "/config", id) {
    reader.start([this](std::int64_t version, const ConfigValues& values) {
      heard.push_back(fmt::format("{}:{}", version, *values.text("x")));
    });
  }
  ClientWorld::Place& place;
  std::vector<std::string> heard;
  ConfigurationReader reader;
};

struct Operator {
  explicit Operator(ClientWorld& w)
      : world(w), place(w.connected()), writer(*place.client, ClientWorld::world_of(place.machine), "/config") {}
  Result<std::int64_t> publish(const std::string& text) {
    return world.await<std::int64_t>([&](auto done) { writer.publish(text, std::move(done)); });
  }
  Result<Rollout> roll_out(std::int64_t version, std::int32_t share) {
    return world.await<Rollout>([&](auto done) { writer.roll_out(version, share, std::move(done)); });
  }
  Result<Rollout> roll_back() {
    return world.await<Rollout>([&](auto done) { writer.roll_back(std::move(done)); });
  }
  ClientWorld& world;
  ClientWorld::Place& place;
  ConfigurationWriter writer;
};

TEST(Configuration, is_rolled_out_in_stages_and_back) {
  ClientWorld world;
  Operator op(world);
  std::deque<Reader> readers;
  for (int i = 0; i < 8; ++i) readers.emplace_back(world.connected(), fmt::format("host{}", i));
  const auto users_of = [&](std::int64_t version) {
    world.simulation.run_for(1000);
    return std::ranges::count_if(readers, [&](const Reader& each) { return each.reader.version() == version; });
  };
  EXPECT_EQ(op.publish("nonsense").error().fate, client::Fate::not_sent);
  const auto first = op.publish("x=1\n");
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(users_of(0), 8);
  EXPECT_EQ(op.roll_out(99, 100).error().code, Error::bad_arguments);
  EXPECT_EQ(op.roll_back().error().code, Error::bad_arguments);
  EXPECT_EQ(op.roll_out(*first, 100)->current, *first);
  EXPECT_EQ(users_of(*first), 8);
  const auto second = op.publish("x=2\n");
  ASSERT_TRUE(op.roll_out(*second, 50));
  const auto trying = users_of(*second);
  EXPECT_GT(trying, 0);
  EXPECT_LT(trying, 8);
  // The trial fails.
  ASSERT_TRUE(op.roll_back());
  EXPECT_EQ(users_of(*first), 8);
  ASSERT_TRUE(op.roll_out(*second, 100));
  EXPECT_EQ(users_of(*second), 8);
  EXPECT_EQ(op.roll_back()->current, *first);
  EXPECT_EQ(users_of(*first), 8);
  EXPECT_EQ(readers[0].heard.back(), fmt::format("{}:1", *first));
}

TEST(Configuration, old_versions_are_removed_but_not_those_in_use) {
  ClientWorld world;
  Operator op(world);
  const auto first = op.publish("x=1\n");
  ASSERT_TRUE(op.roll_out(*first, 100));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(op.publish("x=2\n"));
  EXPECT_EQ(world.children(*op.place, "/config/versions")->names.size(), 21U);
  EXPECT_TRUE(*world.exists(*op.place, version_path("/config", *first)));
}

TEST(ConfigurationTrial, every_reader_has_the_last_version_after_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    ClientWorld world(3, seed);
    Trouble trouble(world, 3, seed);
    Operator op(world);
    std::deque<Reader> readers;
    for (int i = 0; i < 3; ++i) {
      auto& place = world.connected(40'000);
      trouble.add(place);
      readers.emplace_back(place, fmt::format("host{}", i));
    }
    std::int64_t last = 0;
    for (int i = 0; i < 12; ++i) {
      const auto version = op.publish(fmt::format("x={}\n", i));
      if (version && op.roll_out(*version, 100)) last = *version;
      trouble.strike(1500);
    }
    trouble.heal();
    world.simulation.run_for(30'000);
    for (const Reader& each : readers) {
      EXPECT_TRUE(client::is_final(each.place->state()) || each.reader.version() == last);
    }
  }
}

// ---- services

ServiceInstance instance(const std::string& id, std::int32_t port) {
  return {.name = "db", .id = id, .address = "10.0.0.1", .port = port};
}

TEST(ServiceInstance, is_the_json_of_curator) {
  ServiceInstance one = instance("i-1", 5432);
  one.payload = "7";
  one.registered_ms = 1'700'000'000'000;
  EXPECT_EQ(to_json(one),
            R"({"name":"db","id":"i-1","address":"10.0.0.1","port":5432,"sslPort":null,"payload":"7",)"
            R"("registrationTimeUTC":1700000000000,"serviceType":"DYNAMIC","uriSpec":null,"enabled":true})");
  const auto back = from_json(to_json(one));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(one));
  EXPECT_FALSE(from_json("nonsense"));
  EXPECT_FALSE(from_json("[]"));
  EXPECT_FALSE(from_json(R"({"name":"db"})"));
  EXPECT_FALSE(from_json(R"({"name":"x","id":"y","enabled":false})")->is_enabled);
  EXPECT_EQ(from_json(R"({"name":"x","id":"y","payload":{"a":1}})")->payload, R"({"a":1})");
}

TEST(Chooser, chooses_as_it_is_told) {
  base::Prng prng(1);
  struct Dice : env::Random {
    explicit Dice(base::Prng& p) : prng(p) {}
    std::uint64_t next() override { return prng.next(); }
    base::Prng& prng;
  } random(prng);
  std::vector<ServiceInstance> all{instance("a", 1), instance("b", 2), instance("c", 3)};
  all[0].payload = "8";
  all[2].is_enabled = false;
  const auto ids = [&](Choice how, int count) {
    Chooser chooser(how, random);
    std::string list;
    for (int i = 0; i < count; ++i) list += chooser.choose(all)->id;
    return list;
  };
  EXPECT_EQ(ids(Choice::round_robin, 5), "ababa");
  EXPECT_EQ(ids(Choice::least_loaded, 4), "abab");
  const std::string sticky = ids(Choice::sticky, 10);
  EXPECT_EQ(sticky, std::string(10, sticky[0]));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(ids(Choice::weighted, 900), 'a')), 800, 60);
  EXPECT_FALSE(Chooser(Choice::random, random).choose({}));
  Chooser least(Choice::least_loaded, random);
  EXPECT_EQ(least.choose(all)->id, "a");
  least.done("a");
  EXPECT_EQ(least.choose(all)->id, "a");
}

TEST(Service, users_see_instances_come_and_go) {
  ClientWorld world;
  const auto make = [](ClientWorld::Place& place) {
    return std::make_unique<Service>(*place.client, ClientWorld::world_of(place.machine), "/services", "db",
                                     Choice::round_robin);
  };
  auto& first = world.connected(6000);
  const auto offer = make(first);
  const auto more = make(world.connected());
  const auto user = make(world.connected());
  for (Service* const each : {offer.get(), more.get(), user.get()})
    ASSERT_TRUE(world.await<void>([&](auto done) { each->start(std::move(done)); }));
  EXPECT_FALSE(user->choose());
  ASSERT_TRUE(world.await<void>([&](auto done) { offer->offer(instance("", 1), std::move(done)); }));
  ASSERT_TRUE(world.await<void>([&](auto done) { more->offer(instance("two", 2), std::move(done)); }));
  world.simulation.run_for(500);
  ASSERT_EQ(user->instances().size(), 2U);
  EXPECT_EQ(user->choose()->port, 1);
  EXPECT_EQ(user->choose()->port, 2);
  // A server of the service dies.
  world.cut_off(first);
  ASSERT_TRUE(world.simulation.run_until([&] { return user->instances().size() == 1; }, 20'000));
  EXPECT_EQ(user->choose()->port, 2);
  ASSERT_TRUE(world.await<void>([&](auto done) { more->withdraw(std::move(done)); }));
  world.simulation.run_for(500);
  EXPECT_FALSE(user->choose());
}

}  // namespace
}  // namespace quoll::recipes
