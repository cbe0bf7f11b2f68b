// Replays what Apache's servers sent (testdata/README.md), in pieces that the seed determines.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "quorum/election_mesh.h"
#include "quorum/leader_link.h"
#include "quorum/learner_port.h"
#include "quorum/test_support.h"

namespace quoll::quorum {
namespace {

using testing::election_port;
using testing::options_of;
using testing::quorum_port;
using testing::Raw;
using testing::Told;

std::string recorded(const std::string& name) {
  std::ifstream file(QUOLL_SOURCE_DIR "/src/quorum/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Ends where Apache's snapshots end.
struct ApacheSink : SnapshotSink {
  std::expected<std::size_t, std::string> take(std::string_view bytes) override {
    static const std::string kEnd("\0\0\0\x0a\x42\x65nWasHere", 14);
    const std::size_t before = got.size();
    got += bytes;
    const std::size_t end = got.find(kEnd);
    if (end == std::string::npos) return bytes.size();
    is_over = true;
    got.resize(end + kEnd.size());
    return got.size() - before;
  }
  [[nodiscard]] bool is_complete() const override { return is_over; }
  [[nodiscard]] std::size_t pending_bytes() const override { return 0; }
  std::string got;
  bool is_over = false;
};

struct RecordedTest : ::testing::TestWithParam<std::uint64_t> {
  std::unique_ptr<Raw> dial(std::uint16_t port, const std::string& bytes) {
    auto raw = std::make_unique<Raw>();
    raw->connection = world.env().dialer.dial({"host", port}, *raw);
    EXPECT_TRUE(world.run_until([&] { return raw->is_connected; }));
    raw->connection->send(bytes);
    return raw;
  }
  // Follows a leader that says what is in the file. Returns its packets, each as its place in zab::Packet.
  std::vector<std::size_t> follow(const std::string& file) {
    auto listener = world.network.listen({.port = quorum_port(1)}, [&](std::unique_ptr<env::Connection> connection) {
      accepted.connection = std::move(connection);
      accepted.connection->attach(accepted);
      accepted.connection->send(recorded(file));
      return &accepted;
    });
    (*listener)->start_accepting();
    std::vector<std::size_t> packets;
    ApacheSink sink;
    LeaderLink link(world.env(), options_of(2, 3), [&](const zab::Event& event) {
      told.events.push_back(event);
      const auto* const from = std::get_if<zab::FromLeader>(&event);
      if (from == nullptr) return;
      packets.push_back(from->packet.index());
      if (std::holds_alternative<zab::Snap>(from->packet)) link.receive_snapshot(sink);
    });
    link.dial(ServerId{1}, 0);
    EXPECT_TRUE(world.run_until([&] { return sink.is_over; }));
    link.resume_packets();
    world.run_for(5'000);
    EXPECT_EQ(told.count<zab::LeaderLost>(), 0U);
    return packets;
  }
  template <typename P>
  static std::ptrdiff_t count(const std::vector<std::size_t>& packets) {
    return std::ranges::count(packets, zab::Packet(P{}).index());
  }
  sim::World world{GetParam()};
  Told told;
  Raw accepted;
};

TEST_P(RecordedTest, votes_of_an_apache_server_are_heard) {
  ElectionMesh mesh(world.env(), options_of(2, 3), told.tell());
  ASSERT_TRUE(mesh.bind());
  mesh.start();
  auto listener = world.network.listen({.port = election_port(1)}, [&](std::unique_ptr<env::Connection> connection) {
    accepted.connection = std::move(connection);
    accepted.connection->attach(accepted);
    accepted.connection->send(recorded("apache_votes"));
    return &accepted;
  });
  (*listener)->start_accepting();
  const auto raw = dial(election_port(2), recorded("apache_hello"));
  ASSERT_TRUE(world.run_until([&] { return told.count<zab::NotificationReceived>() == 2; })) << "it is dialled back";
  const auto votes = told.of<zab::NotificationReceived>();
  EXPECT_EQ(votes.at(0).from, ServerId{1});
  EXPECT_EQ(votes.at(0).notification.state, zab::State::looking);
  EXPECT_EQ(votes.at(0).notification.round, 1);
  EXPECT_EQ(votes.at(0).notification.vote.leader, ServerId{1});
  EXPECT_TRUE(votes.at(0).notification.config.ends_with("version=0"));
  EXPECT_EQ(votes.at(1).notification.vote.leader, ServerId{2}) << "it has heard of a better candidate";
}

TEST_P(RecordedTest, an_apache_follower_is_understood) {
  LearnerPort port(world.env(), options_of(2, 3), told.tell());
  ASSERT_TRUE(port.bind());
  port.start();
  const auto raw = dial(quorum_port(2), recorded("apache_follower"));
  world.run_for(5'000);
  EXPECT_EQ(told.count<zab::LearnerConnected>(), 1U);
  EXPECT_EQ(told.count<zab::LearnerLost>(), 0U);
  const auto heard = told.of<zab::FromLearner>();
  ASSERT_GT(heard.size(), 10U);
  const auto info = std::get<zab::LearnerInfo>(heard.at(0).packet);
  EXPECT_EQ(info.id, ServerId{1});
  EXPECT_EQ(info.protocol, 0x10000);
  const auto promise = std::get<zab::AckEpoch>(heard.at(1).packet);
  EXPECT_EQ(promise.current, Epoch{0});
  EXPECT_EQ(std::get<zab::Ack>(heard.at(2).packet).zxid, zab::epoch_zxid(Epoch{1}));
  EXPECT_EQ(std::get<zab::Ack>(heard.at(3).packet).zxid, zab::epoch_zxid(Epoch{1}));
  std::string requests;
  std::string touched;
  for (const auto& from : heard) {
    if (const auto* const p = std::get_if<zab::ServerPacket>(&from.packet)) requests += p->data;
    if (const auto* const p = std::get_if<zab::Ping>(&from.packet)) touched += p->data;
  }
  const auto request = wire::decode_forwarded_request(base::NullableView(requests));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->type, -10) << "createSession";
  EXPECT_EQ(request->body, std::string("\0\0\x27\x10", 4)) << "its timeout";
  EXPECT_EQ(touched, requests.substr(0, 8) + std::string(request->body)) << "a ping tells of the session";
}

TEST_P(RecordedTest, an_apache_leader_of_a_follower_is_understood) {
  const auto packets = follow("apache_leader_to_follower");
  EXPECT_EQ(packets.at(0), zab::Packet(zab::LeaderInfo{}).index());
  EXPECT_EQ(packets.at(1), zab::Packet(zab::Snap{}).index());
  EXPECT_EQ(packets.at(2), zab::Packet(zab::NewLeader{}).index());
  EXPECT_EQ(packets.at(3), zab::Packet(zab::UpToDate{}).index());
  EXPECT_EQ(count<zab::Proposal>(packets), 3);
  EXPECT_EQ(count<zab::Commit>(packets), 3);
  EXPECT_GT(count<zab::Ping>(packets), 0);
}

TEST_P(RecordedTest, an_apache_leader_of_an_observer_is_understood) {
  const auto packets = follow("apache_leader_to_observer");
  EXPECT_EQ(packets.at(2), zab::Packet(zab::NewLeader{}).index());
  EXPECT_EQ(count<zab::Inform>(packets), 23);
  EXPECT_EQ(count<zab::Proposal>(packets), 0);
}

INSTANTIATE_TEST_SUITE_P(seeds, RecordedTest, ::testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace quoll::quorum
