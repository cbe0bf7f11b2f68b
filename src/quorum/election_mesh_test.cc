// Election connections between simulated servers: who dials, which one stays, who is refused.
#include "quorum/election_mesh.h"

#include <gtest/gtest.h>

#include "quorum/test_support.h"
#include "quorum/translate.h"

namespace quoll::quorum {
namespace {

using testing::election_port;
using testing::options_of;
using testing::Raw;
using testing::Told;

zab::Notification vote_for(std::int64_t leader, std::int64_t round = 1) {
  return {zab::State::looking, {Epoch{1}, Zxid{0x100000002}, ServerId{leader}}, round, 2, "server.1=..."};
}

struct Member {
  Member(sim::World& world, const Options& options)
      : mesh(world.env(), options, [this](const zab::Event& event) { on(event); }) {
    EXPECT_TRUE(mesh.bind());
    mesh.start();
  }
  // As an election does it.
  void on(const zab::Event& event) {
    told.events.push_back(event);
    const auto* const reachable = std::get_if<zab::PeerReachable>(&event);
    if (reachable != nullptr && said.contains(reachable->peer)) mesh.send(reachable->peer, said.at(reachable->peer));
  }
  void send(std::int64_t to, const zab::Notification& notification) {
    said.insert_or_assign(ServerId{to}, notification);
    mesh.send(ServerId{to}, notification);
  }
  [[nodiscard]] ElectionMesh::PeerStatus status(std::int64_t id) const {
    for (const auto& peer : mesh.status()) {
      if (peer.id == ServerId{id}) return peer;
    }
    return {};
  }
  [[nodiscard]] bool is_open(std::int64_t id) const { return status(id).state == MeshPeer::State::open; }
  // Whether the last notification from there is about this candidate.
  [[nodiscard]] bool heard(std::int64_t from, std::int64_t leader) const {
    bool is_about = false;
    for (const auto& received : told.of<zab::NotificationReceived>()) {
      if (received.from == ServerId{from}) is_about = received.notification.vote.leader == ServerId{leader};
    }
    return is_about;
  }
  Told told;
  std::map<ServerId, zab::Notification> said;
  ElectionMesh mesh;
};

struct ElectionMeshTest : ::testing::TestWithParam<std::uint64_t> {
  Member& start(std::int64_t id, std::int64_t count = 2) { return start(options_of(id, count)); }
  Member& start(const Options& options) {
    auto& member = members[options.self.value()];
    member.reset();
    member = std::make_unique<Member>(world, options);
    return *member;
  }
  // Dials the election port of a server and says hello.
  std::unique_ptr<Raw> say(std::int64_t to, const std::string& bytes) {
    auto raw = std::make_unique<Raw>();
    raw->connection = world.env().dialer.dial({"host", election_port(to)}, *raw);
    EXPECT_TRUE(world.run_until([&] { return raw->is_connected; }));
    raw->connection->send(bytes);
    return raw;
  }
  static std::string hello(std::int64_t id, const std::string& address = {}) {
    std::string bytes;
    wire::append_election_hello({id, address.empty() ? "10.0.0.1:3888" : address}, bytes);
    return bytes;
  }
  // Whether there is exactly one connection between each two, and both have it.
  bool is_whole() {
    for (const auto& [id, member] : members) {
      for (const auto& [other, its] : members) {
        if (id != other && !member->is_open(other)) return false;
      }
    }
    return true;
  }
  void all_send(std::int64_t round) {
    for (const auto& [id, member] : members) {
      for (const auto& [other, its] : members) {
        if (id != other) member->send(other, vote_for(id, round));
      }
    }
  }
  bool all_heard() {
    for (const auto& [id, member] : members) {
      for (const auto& [other, its] : members) {
        if (id != other && !member->heard(other, other)) return false;
      }
    }
    return true;
  }
  sim::World world{GetParam()};
  std::map<std::int64_t, std::unique_ptr<Member>> members;
};

TEST_P(ElectionMeshTest, the_larger_dials_and_a_notification_arrives_whole) {
  Member& one = start(1);
  Member& two = start(2);
  two.mesh.send(ServerId{1}, vote_for(2));
  ASSERT_TRUE(world.run_until([&] { return one.heard(2, 2); }));
  const auto heard = one.told.of<zab::NotificationReceived>().at(0);
  EXPECT_EQ(heard.notification.vote, vote_for(2).vote);
  EXPECT_EQ(heard.notification.config, "server.1=...");
  EXPECT_EQ(one.told.count<zab::PeerReachable>(), 1U);
  EXPECT_EQ(two.told.count<zab::PeerReachable>(), 1U);
}

TEST_P(ElectionMeshTest, the_smaller_asks_to_be_dialled_and_its_message_waits_for_that) {
  Member& one = start(1);
  Member& two = start(2);
  one.mesh.send(ServerId{2}, vote_for(2));
  one.mesh.send(ServerId{2}, vote_for(1));
  EXPECT_EQ(one.status(2).state, MeshPeer::State::dialling);
  ASSERT_TRUE(world.run_until([&] { return two.heard(1, 1); }));
  EXPECT_EQ(two.told.count<zab::NotificationReceived>(), 1U) << "the newest replaces those that wait";
  EXPECT_TRUE(is_whole());
}

TEST_P(ElectionMeshTest, when_both_dial_one_connection_stays) {
  start(1);
  start(2);
  all_send(1);
  ASSERT_TRUE(world.run_until([&] { return is_whole() && all_heard(); }));
  // It stays, and there is nothing that would end it.
  world.run_for(10'000);
  EXPECT_TRUE(is_whole());
  members[1]->told.events.clear();
  members[2]->told.events.clear();
  all_send(2);
  ASSERT_TRUE(world.run_until([&] { return all_heard(); }, 1'000));
  EXPECT_EQ(members[1]->told.count<zab::NotificationReceived>(), 1U);
  EXPECT_EQ(members[2]->told.count<zab::NotificationReceived>(), 1U);
}

TEST_P(ElectionMeshTest, five_servers_that_come_and_go_find_each_other) {
  for (std::int64_t id = 1; id <= 5; ++id) start(id, 5);
  std::int64_t round = 0;
  for (int turn = 0; turn < 20; ++turn) {
    for (const auto& [id, member] : members) member->told.events.clear();
    all_send(++round);
    if (turn % 2 == 0) world.run_for(static_cast<std::int64_t>(world.scheduler.chance().below(5)));
    start(1 + static_cast<std::int64_t>(world.scheduler.chance().below(5)), 5);
    all_send(++round);
    ASSERT_TRUE(world.run_until([&] { return is_whole() && all_heard(); }, 20'000)) << "turn " << turn;
  }
}

TEST_P(ElectionMeshTest, a_member_that_refuses_is_told_once_and_dialled_until_it_comes) {
  Member& two = start(2);
  two.mesh.send(ServerId{1}, vote_for(2));
  ASSERT_TRUE(world.run_until([&] { return two.told.count<zab::PeerUnreachable>() == 1; }, 100));
  EXPECT_TRUE(world.log.has("Waiting for server 1 at host1:3001: connection refused"));
  world.run_for(20'000);
  EXPECT_EQ(two.told.count<zab::PeerUnreachable>(), 1U) << "once for each change";
  EXPECT_EQ(two.status(1).last_error, "host1:3001: connection refused");
  Member& one = start(1);
  ASSERT_TRUE(world.run_until([&] { return one.heard(2, 2); }, 5'000));
  EXPECT_EQ(two.told.count<zab::PeerReachable>(), 1U);
}

TEST_P(ElectionMeshTest, nobody_is_dialled_long_after_the_last_message) {
  Member& two = start(2);
  two.mesh.send(ServerId{1}, vote_for(2));
  world.run_for(2 * kAskedMs);
  Member& one = start(1);
  world.run_for(60'000);
  EXPECT_TRUE(one.told.events.empty());
}

TEST_P(ElectionMeshTest, a_member_that_does_not_answer_is_unreachable_after_the_time_limit) {
  world.network.silent_ports = {election_port(1)};
  Member& two = start(2);
  two.mesh.send(ServerId{1}, vote_for(2));
  world.run_for(4'900);
  EXPECT_EQ(two.told.count<zab::PeerUnreachable>(), 0U);
  world.run_for(200);
  EXPECT_EQ(two.told.count<zab::PeerUnreachable>(), 1U);
}

TEST_P(ElectionMeshTest, a_member_that_does_not_dial_back_is_unreachable) {
  // It takes connections, but never dials: this server is unknown to it.
  Options alone = options_of(2, 2);
  alone.members.erase(ServerId{1});
  start(alone);
  Member& one = start(1);
  one.mesh.send(ServerId{2}, vote_for(1));
  world.run_for(5'100);
  EXPECT_EQ(one.told.count<zab::PeerUnreachable>(), 1U);
  EXPECT_TRUE(world.log.has("it says that it is server 1, which is no member of the ensemble"));
}

TEST_P(ElectionMeshTest, the_end_of_a_member_is_told_at_once) {
  start(1);
  start(2);
  all_send(1);
  ASSERT_TRUE(world.run_until([&] { return is_whole() && all_heard(); }));
  world.run_for(2'000);
  const std::int64_t stays = GetParam() % 2 == 0 ? 1 : 2;
  members.erase(3 - stays);
  EXPECT_TRUE(world.run_until([&] { return members[stays]->told.count<zab::PeerUnreachable>() == 1; }, 10));
}

TEST_P(ElectionMeshTest, each_address_of_a_member_is_tried) {
  Options options = options_of(2, 2);
  auto& addresses = options.members[ServerId{1}].addresses;
  addresses.insert(addresses.begin(), {"nosuchhost.invalid", 2001, 3001});
  addresses.push_back({"host1", 2001, 9});
  Member& two = start(options);
  two.mesh.send(ServerId{1}, vote_for(2));
  ASSERT_TRUE(world.run_until([&] { return two.told.count<zab::PeerUnreachable>() == 1; }));
  Member& one = start(1);
  EXPECT_TRUE(world.run_until([&] { return one.heard(2, 2); }, 5'000));
}

TEST_P(ElectionMeshTest, a_false_hello_is_refused_with_its_reason) {
  Member& two = start(options_of(2, 3));
  struct Case {
    std::string bytes;
    std::string line;
  };
  const std::vector<Case> cases{
      {hello(2), "it says that it is server 2, which is this server. Check the file myid of both"},
      {hello(7), "it says that it is server 7, which is no member of the ensemble. Check server.7"},
      {hello(3, "host1:3001"), "it says that it is server 3, but its address host1:3001 is that of server 1"},
      {hello(1, "host2:3002"), "it says that it is server 1, but its address host2:3002 is that of server 2"},
      {std::string("GET / HTTP/1.1\r\n\r\n"), "it says that it is server 5135603447292250196"},
      {std::string("\xff\xff\xff\xff\0\0\0\0", 8), "what it sends is not the hello of a ZooKeeper server"},
  };
  for (const Case& each : cases) {
    const auto raw = say(2, each.bytes);
    EXPECT_TRUE(world.run_until([&] { return !raw->closed.empty(); }, 1'000)) << each.line;
    EXPECT_TRUE(world.log.has(each.line)) << each.line;
  }
  EXPECT_TRUE(two.told.events.empty());
  EXPECT_EQ(two.status(1).state, MeshPeer::State::idle) << "nobody is dialled for it";
}

TEST_P(ElectionMeshTest, a_hello_of_every_version_is_taken) {
  std::string v2 = hello(2, "10.0.0.1:3888|10.0.1.1:3888");
  v2[7] = '\x01';
  const std::string old("\0\0\0\0\0\0\0\2", 8);
  std::string message;
  append_notification(vote_for(2), message);
  for (const std::string& first : {v2, old, hello(2, "host2:3002")}) {
    Member& one = start(1);
    const auto raw = say(1, first + message);
    EXPECT_TRUE(world.run_until([&] { return one.heard(2, 2); }, 1'000)) << "the larger dials, and speaks at once";
  }
}

TEST_P(ElectionMeshTest, one_that_says_nothing_is_closed_in_time_and_the_oldest_when_there_are_many) {
  Options options = options_of(1, 2);
  options.unauthenticated_max = 3;
  start(options);
  std::vector<std::unique_ptr<Raw>> raws;
  raws.reserve(5);
  for (int i = 0; i < 5; ++i) raws.push_back(say(1, "\xff"));
  EXPECT_TRUE(world.run_until([&] { return !raws[0]->closed.empty() && !raws[1]->closed.empty(); }, 1'000));
  world.run_for(1'000);
  EXPECT_TRUE(raws[2]->closed.empty());
  EXPECT_TRUE(world.run_until([&] { return !raws[2]->closed.empty() && !raws[4]->closed.empty(); }, 5'000));
}

TEST_P(ElectionMeshTest, a_peer_that_does_not_read_gets_the_newest_when_it_does) {
  world.network.window_bytes = 100;
  Member& one = start(1);
  const auto raw = say(1, hello(2));
  ASSERT_TRUE(world.run_until([&] { return one.is_open(2); }));
  raw->connection->pause_reading();
  for (std::int64_t round = 1; round <= 1'000; ++round) {
    one.mesh.send(ServerId{2}, vote_for(1, round));
    if (round % 100 == 0) world.run_for(10);
  }
  raw->connection->resume_reading();
  world.run_for(10'000);
  ASSERT_LT(raw->heard.size(), 1'000U);
  std::int64_t last = 0;
  std::string_view rest = raw->heard;
  while (!rest.empty()) {
    const auto read = wire::read_election_message(rest);
    ASSERT_TRUE(read && *read && (*read)->message);
    last = (*read)->message->round;
    rest.remove_prefix((*read)->bytes);
  }
  EXPECT_EQ(last, 1'000);
}

TEST_P(ElectionMeshTest, a_message_of_an_impossible_length_ends_the_connection_and_one_that_is_no_vote_does_not) {
  Member& one = start(1);
  auto raw = say(1, hello(2));
  raw->connection->send(std::string("\0\0\0\3abc", 7));
  std::string strange;
  wire::append_election_message({9, 1, 1, 1, 1, 2, ""}, strange);
  raw->connection->send(strange);
  std::string message;
  append_notification(vote_for(2), message);
  raw->connection->send(message);
  EXPECT_TRUE(world.run_until([&] { return one.heard(2, 2); }, 1'000));
  EXPECT_EQ(one.told.count<zab::NotificationReceived>(), 1U);
  raw->connection->send("\xff\xff\xff\xff");
  EXPECT_TRUE(world.run_until([&] { return !raw->closed.empty(); }, 1'000));
  EXPECT_TRUE(world.log.has("it sent a message of an impossible length"));
}

TEST_P(ElectionMeshTest, one_that_takes_connections_and_ends_them_is_not_dialled_all_the_time) {
  // A listener of the test in place of server 1.
  int dials = 0;
  auto listener = world.network.listen({.port = election_port(1)}, [&](std::unique_ptr<env::Connection>) {
    ++dials;
    return nullptr;
  });
  (*listener)->start_accepting();
  Member& two = start(2);
  for (int i = 0; i < 100; ++i) {
    two.mesh.send(ServerId{1}, vote_for(2));
    world.run_for(100);
  }
  EXPECT_LT(dials, 12);
}

INSTANTIATE_TEST_SUITE_P(seeds, ElectionMeshTest, ::testing::Range<std::uint64_t>(1, 31));

}  // namespace
}  // namespace quoll::quorum
