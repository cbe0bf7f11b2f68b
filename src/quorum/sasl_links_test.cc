// SASL on the connections of both ports, over the simulated network: servers that authenticate, servers that do not,
// and strangers who waste time.
#include <gtest/gtest.h>

#include "quorum/election_mesh.h"
#include "quorum/leader_link.h"
#include "quorum/learner_port.h"
#include "quorum/test_support.h"
#include "quorum/translate.h"
#include "wire/quorum_auth_frames.h"

namespace quoll::quorum {
namespace {

using testing::election_port;
using testing::options_of;
using testing::quorum_port;
using testing::Raw;
using testing::sasl_of;
using testing::SaslIs;
using testing::Told;
using SharedSasl = std::shared_ptr<const Authentication>;

// It lets others in without SASL, and connects without it: the first step of an ensemble towards SASL.
SharedSasl enabled_only() {
  auto made = std::make_shared<Authentication>(*sasl_of("secret", SaslIs::optional));
  made->connects_as.reset();
  return made;
}

Options with_sasl(Options options, SharedSasl sasl) {
  options.authentication = std::move(sasl);
  return options;
}

struct Speaker {
  Speaker(sim::World& world, const Options& options)
      : mesh(world.env(), options, [this](const zab::Event& event) { told.events.push_back(event); }) {
    EXPECT_TRUE(mesh.bind());
    mesh.start();
  }
  [[nodiscard]] ElectionMesh::PeerStatus peer() const { return mesh.status().at(0); }
  [[nodiscard]] bool is_open() const { return peer().state == MeshPeer::State::open; }
  [[nodiscard]] bool has_heard() const { return told.count<zab::NotificationReceived>() > 0; }
  Told told;
  ElectionMesh mesh;
};

zab::Notification a_vote() {
  return {zab::State::looking, {Epoch{1}, Zxid{1}, ServerId{1}}, 1, 2, "server.1=..."};
}

struct SaslMesh : ::testing::TestWithParam<std::uint64_t> {
  void start(const SharedSasl& of_one, const SharedSasl& of_two) {
    one.emplace(world, with_sasl(options_of(1, 2), of_one));
    two.emplace(world, with_sasl(options_of(2, 2), of_two));
  }
  bool become_open() {
    return world.run_until([&] { return one->is_open() && two->is_open(); }, 30'000);
  }
  std::unique_ptr<Raw> say(const std::string& bytes) {
    auto raw = std::make_unique<Raw>();
    raw->connection = world.env().dialer.dial({"host", election_port(1)}, *raw);
    EXPECT_TRUE(world.run_until([&] { return raw->is_connected; }));
    raw->connection->send(bytes);
    return raw;
  }
  static std::string hello(std::int64_t id) {
    std::string bytes;
    wire::append_election_hello({id, "10.0.0.1:3888"}, bytes);
    return bytes;
  }
  sim::World world{GetParam()};
  std::optional<Speaker> one;
  std::optional<Speaker> two;
};

TEST_P(SaslMesh, servers_with_the_same_password_connect_whoever_speaks_first) {
  for (const std::int64_t first : {1, 2}) {
    start(sasl_of("secret"), sasl_of("secret"));
    (first == 1 ? one : two)->mesh.send(ServerId{3 - first}, a_vote());
    ASSERT_TRUE(become_open());
    ASSERT_TRUE(world.run_until([&] { return (first == 1 ? two : one)->has_heard(); }));
    EXPECT_TRUE(world.log.has("to the election port has authenticated as server"));
    one.reset();
    two.reset();
  }
}

TEST_P(SaslMesh, with_a_wrong_password_there_is_no_connection_and_both_say_why) {
  start(sasl_of("secret"), sasl_of("guess"));
  one->mesh.send(ServerId{2}, a_vote());
  two->mesh.send(ServerId{1}, a_vote());
  world.run_for(20'000);
  EXPECT_FALSE(one->is_open() || two->is_open());
  EXPECT_FALSE(one->has_heard() || two->has_heard());
  EXPECT_TRUE(world.log.has("wrong password for user \"server\""));
  EXPECT_TRUE(world.log.has("Waiting for server 1 at host1:3001: it refused user \"server\" or the password"));
  EXPECT_TRUE(two->peer().last_error.contains("it refused user \"server\""));
  EXPECT_EQ(two->told.count<zab::PeerUnreachable>(), 1U);
}

TEST_P(SaslMesh, a_wrong_password_is_said_once_also_of_a_server_that_comes_late) {
  two.emplace(world, with_sasl(options_of(2, 2), sasl_of("guess")));
  two->mesh.send(ServerId{1}, a_vote());
  world.run_for(5'000);
  EXPECT_TRUE(two->peer().last_error.contains("connection refused"));
  one.emplace(world, with_sasl(options_of(1, 2), sasl_of("secret")));
  world.run_for(30'000);
  EXPECT_EQ(
      std::ranges::count_if(world.log.lines(),
                            [](const auto& line) {
                              return line.contains("Waiting for server 1 at host1:3001: it refused user \"server\"");
                            }),
      1);
}

TEST_P(SaslMesh, a_server_without_sasl_is_let_in_only_where_it_is_not_required) {
  for (const std::int64_t first : {1, 2}) {
    start(enabled_only(), nullptr);
    (first == 1 ? one : two)->mesh.send(ServerId{3 - first}, a_vote());
    EXPECT_TRUE(become_open()) << first << " speaks first";
    start(nullptr, enabled_only());
    (first == 1 ? one : two)->mesh.send(ServerId{3 - first}, a_vote());
    EXPECT_TRUE(become_open()) << first << " speaks first";
  }
  start(sasl_of("secret"), nullptr);
  two->mesh.send(ServerId{1}, a_vote());
  world.run_for(20'000);
  EXPECT_FALSE(one->is_open() || one->has_heard());
  EXPECT_TRUE(world.log.has("it does not authenticate with SASL, which quorum.auth.serverRequireSasl demands"));
}

// Of two that are silent the one that has dialled speaks: the other may wait to hear whether it authenticates.
TEST_P(SaslMesh, a_server_that_was_asked_long_ago_speaks_when_it_is_called_back) {
  start(enabled_only(), nullptr);
  two->mesh.send(ServerId{1}, a_vote());
  ASSERT_TRUE(become_open());
  one.reset();
  world.run_for(2 * kAskedMs);
  one.emplace(world, with_sasl(options_of(1, 2), enabled_only()));
  one->mesh.send(ServerId{2}, a_vote());
  EXPECT_TRUE(world.run_until([&] { return one->is_open() && one->has_heard(); }, 4'000));
}

TEST_P(SaslMesh, a_server_towards_sasl_and_one_that_has_it_connect_at_each_step) {
  const SharedSasl second = sasl_of("secret", SaslIs::optional);
  for (const auto& [of_one, of_two] : {std::pair{enabled_only(), second}, std::pair{second, enabled_only()},
                                       std::pair{second, sasl_of("secret")}, std::pair{sasl_of("secret"), second}}) {
    start(of_one, of_two);
    one->mesh.send(ServerId{2}, a_vote());
    EXPECT_TRUE(become_open());
    start(of_one, of_two);
    two->mesh.send(ServerId{1}, a_vote());
    EXPECT_TRUE(become_open());
  }
}

TEST_P(SaslMesh, a_server_that_does_not_answer_is_given_up_in_time) {
  auto silent = std::make_unique<Raw>();
  auto listener = world.network.listen({.port = election_port(1)}, [&](std::unique_ptr<env::Connection> taken) {
    silent->connection = std::move(taken);
    silent->connection->attach(*silent);
    return silent.get();
  });
  (*listener)->start_accepting();
  two.emplace(world, with_sasl(options_of(2, 2), sasl_of("secret")));
  two->mesh.send(ServerId{1}, a_vote());
  EXPECT_TRUE(world.run_until([&] { return two->told.count<zab::PeerUnreachable>() == 1; }, 6'000));
  EXPECT_TRUE(two->peer().last_error.contains("it did not finish SASL in time"));
  two.reset();
}

TEST_P(SaslMesh, a_stranger_that_claims_to_be_a_member_does_not_disturb_its_connection) {
  start(sasl_of("secret"), sasl_of("secret"));
  two->mesh.send(ServerId{1}, a_vote());
  ASSERT_TRUE(become_open());
  ASSERT_TRUE(world.run_until([&] { return one->has_heard(); }));
  const auto told = one->told.events.size();
  std::string begun = hello(2);
  wire::append_quorum_auth({wire::QuorumAuthPacket::in_progress, ""}, begun);
  const auto silent = say(hello(2));
  const auto slow = say(begun);
  std::string wrong = begun;
  wire::append_quorum_auth({wire::QuorumAuthPacket::in_progress, "username=\"server\""}, wrong);
  const auto liar = say(wrong);
  EXPECT_TRUE(world.run_until([&] { return !liar->closed.empty(); }, 1'000));
  EXPECT_TRUE(slow->closed.empty());
  EXPECT_TRUE(world.run_until([&] { return !silent->closed.empty() && !slow->closed.empty(); }, 5'500));
  EXPECT_TRUE(one->is_open() && two->is_open());
  EXPECT_EQ(one->told.events.size(), told);
}

INSTANTIATE_TEST_SUITE_P(seeds, SaslMesh, ::testing::Range<std::uint64_t>(1, 16));

zab::LearnerInfo info_of(std::int64_t id) {
  return {ServerId{id}, false, Epoch{1}, 0x10000, 0};
}

struct SaslLink : ::testing::TestWithParam<std::uint64_t> {
  void start(const SharedSasl& of_leader, const SharedSasl& of_follower) {
    port.emplace(world.env(), with_sasl(options_of(1, 3), of_leader), leader.tell());
    ASSERT_TRUE(port->bind());
    port->start();
    link.emplace(world.env(), with_sasl(options_of(2, 3), of_follower), follower.tell());
    link->dial(ServerId{1}, 0);
  }
  bool connect() {
    if (!world.run_until([&] { return follower.count<zab::LeaderConnected>() == 1; }, 10'000)) return false;
    link->send(info_of(2));
    return world.run_until([&] { return leader.count<zab::FromLearner>() == 1; }, 10'000);
  }
  std::unique_ptr<Raw> say(const std::string& bytes) {
    auto raw = std::make_unique<Raw>();
    raw->connection = world.env().dialer.dial({"host", quorum_port(1)}, *raw);
    EXPECT_TRUE(world.run_until([&] { return raw->is_connected; }));
    raw->connection->send(bytes);
    return raw;
  }
  sim::World world{GetParam()};
  Told leader;
  Told follower;
  std::optional<LearnerPort> port;
  std::optional<LeaderLink> link;
};

TEST_P(SaslLink, a_learner_authenticates_before_its_first_packet) {
  start(sasl_of("secret"), sasl_of("secret"));
  ASSERT_TRUE(connect());
  EXPECT_TRUE(world.log.has("to the quorum port has authenticated as server"));
  const zab::LinkId id = leader.of<zab::LearnerConnected>().at(0).link;
  port->send(id, zab::Commit{Zxid{7}});
  EXPECT_TRUE(world.run_until([&] { return follower.count<zab::FromLeader>() == 1; }));
}

TEST_P(SaslLink, a_learner_with_a_wrong_password_is_not_let_in) {
  start(sasl_of("secret"), sasl_of("guess"));
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }, 10'000));
  EXPECT_EQ(follower.count<zab::LeaderConnected>(), 0U);
  EXPECT_TRUE(leader.events.empty());
  EXPECT_TRUE(world.log.has("Closed a connection of"));
  EXPECT_TRUE(world.log.has("to the quorum port: SASL has failed: wrong password for user \"server\""));
  EXPECT_TRUE(world.log.has("Cannot connect to the leader, server 1: "));
  EXPECT_TRUE(follower.of<zab::LeaderLost>().at(0).why.contains("it refused user \"server\" or the password"));
}

TEST_P(SaslLink, a_learner_without_sasl_is_let_in_only_where_it_is_not_required) {
  start(enabled_only(), nullptr);
  EXPECT_TRUE(connect());
  EXPECT_TRUE(world.log.has("as quorum.auth.serverRequireSasl allows: it does not authenticate with SASL"));
  leader.events.clear();
  follower.events.clear();
  port.reset();
  start(sasl_of("secret"), nullptr);
  EXPECT_FALSE(connect());
  EXPECT_TRUE(leader.events.empty());
}

TEST_P(SaslLink, a_leader_without_sasl_is_not_followed_by_one_that_demands_it) {
  start(nullptr, sasl_of("secret"));
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }, 10'000));
  EXPECT_EQ(follower.count<zab::LeaderConnected>(), 0U);
  EXPECT_TRUE(follower.of<zab::LeaderLost>().at(0).why.contains("it ended the connection instead of answering SASL"));
}

TEST_P(SaslLink, a_leader_that_does_not_answer_is_given_up_in_time) {
  auto silent = std::make_unique<Raw>();
  auto listener = world.network.listen({.port = quorum_port(1)}, [&](std::unique_ptr<env::Connection> taken) {
    silent->connection = std::move(taken);
    silent->connection->attach(*silent);
    return silent.get();
  });
  (*listener)->start_accepting();
  link.emplace(world.env(), with_sasl(options_of(2, 3), sasl_of("secret")), follower.tell());
  link->dial(ServerId{1}, 0);
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }, 6'000));
  EXPECT_TRUE(follower.of<zab::LeaderLost>().at(0).why.contains("it did not finish SASL in time"));
}

TEST_P(SaslLink, strangers_that_waste_time_or_lie_are_closed_and_cost_a_learner_nothing) {
  port.emplace(world.env(), with_sasl(options_of(1, 3), sasl_of("secret")), leader.tell());
  ASSERT_TRUE(port->bind());
  port->start();
  std::string begun;
  wire::append_quorum_auth({wire::QuorumAuthPacket::in_progress, ""}, begun);
  std::vector<std::unique_ptr<Raw>> strangers;
  for (int i = 0; i < 20; ++i) strangers.push_back(say(i % 2 == 0 ? "" : begun));
  const auto liar = say(begun.substr(0, 12) + "\x7f\xff\xff\xff");
  EXPECT_TRUE(world.run_until([&] { return !liar->closed.empty(); }, 1'000));
  link.emplace(world.env(), with_sasl(options_of(2, 3), sasl_of("secret")), follower.tell());
  link->dial(ServerId{1}, 0);
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderConnected>() == 1; }, 1'000));
  link->send(info_of(2));
  EXPECT_TRUE(world.run_until([&] { return leader.count<zab::FromLearner>() == 1; }, 1'000));
  EXPECT_TRUE(world.run_until(
      [&] { return std::ranges::none_of(strangers, [](const auto& each) { return each->closed.empty(); }); }, 6'000));
  EXPECT_EQ(leader.count<zab::LearnerConnected>(), 1U);
  EXPECT_TRUE(link->is_open());
}

INSTANTIATE_TEST_SUITE_P(seeds, SaslLink, ::testing::Range<std::uint64_t>(1, 16));

}  // namespace
}  // namespace quoll::quorum
