// A learner's link to the quorum port of a leader, over the simulated network.
#include "quorum/leader_link.h"

#include <gtest/gtest.h>

#include "quorum/learner_port.h"
#include "quorum/test_support.h"
#include "quorum/translate.h"

namespace quoll::quorum {
namespace {

using testing::options_of;
using testing::quorum_port;
using testing::Raw;
using testing::Told;

zab::LearnerInfo learner(std::int64_t id) {
  return {ServerId{id}, false, Epoch{1}, 0x10000, 0};
}

zab::Proposal proposal(std::int64_t zxid, std::size_t bytes = 10) {
  return {Zxid{zxid}, std::make_shared<const std::string>(bytes, static_cast<char>('a' + zxid % 26))};
}

// A snapshot that ends with a full stop.
struct Sink : SnapshotSink {
  std::expected<std::size_t, std::string> take(std::string_view bytes) override {
    if (bytes.contains('!')) return std::unexpected("it has a mark that no snapshot has");
    const std::size_t end = std::min(bytes.find('.'), bytes.size() - 1) + 1;
    is_over = bytes[end - 1] == '.';
    got += bytes.substr(0, end);
    if (keeps_pending) pending += end;
    return end;
  }
  [[nodiscard]] bool is_complete() const override { return is_over; }
  [[nodiscard]] std::size_t pending_bytes() const override { return pending; }
  std::string got;
  std::size_t pending = 0;
  bool keeps_pending = false;
  bool is_over = false;
};

// A packet may be longer than what a link leaves pending.
Options learners_options() {
  Options options = options_of(2, 3);
  options.packet_limits.data_bytes_max = std::int64_t{16} << 20;
  return options;
}

struct LinkTest : ::testing::TestWithParam<std::uint64_t> {
  LinkTest()
      : port(world.env(), options_of(1, 3), leader.tell()), link(world.env(), learners_options(), follower.tell()) {}
  void connect() {
    ASSERT_TRUE(port.bind());
    port.start();
    link.dial(ServerId{1}, 0);
    ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderConnected>() == 1; }));
    link.send(learner(2));
    ASSERT_TRUE(world.run_until([&] { return leader.count<zab::FromLearner>() == 1; }));
    id = leader.of<zab::LearnerConnected>().at(0).link;
  }
  // What the follower has got, in a word for each.
  std::string got() {
    std::string text;
    for (const auto& from : follower.of<zab::FromLeader>()) {
      if (const auto* const p = std::get_if<zab::Proposal>(&from.packet)) text += "P" + std::to_string(p->zxid.value());
      if (const auto* const p = std::get_if<zab::Commit>(&from.packet)) text += "C" + std::to_string(p->zxid.value());
      if (std::holds_alternative<zab::Snap>(from.packet)) text += "S";
      if (std::holds_alternative<zab::NewLeader>(from.packet)) text += "N";
    }
    return text;
  }
  bool until_got(const std::string& text) {
    return world.run_until([&] { return got() == text; }, 60'000);
  }
  sim::World world{GetParam()};
  Told leader;
  Told follower;
  LearnerPort port;
  LeaderLink link;
  zab::LinkId id;
};

TEST_P(LinkTest, packets_go_both_ways_in_order) {
  connect();
  const auto info = std::get<zab::LearnerInfo>(leader.of<zab::FromLearner>().at(0).packet);
  EXPECT_EQ(info.id, ServerId{2});
  EXPECT_EQ(leader.events.front().index(), zab::Event(zab::LearnerConnected{}).index());
  EXPECT_EQ(port.links(), std::vector{id});
  std::string due;
  for (std::int64_t zxid = 1; zxid <= 50; ++zxid) {
    port.send(id, proposal(zxid, zxid % 7 == 0 ? 300'000 : 100));
    port.send(id, zab::Commit{Zxid{zxid}});
    link.send(zab::Ack{Zxid{zxid}});
    due += "P" + std::to_string(zxid) + "C" + std::to_string(zxid);
  }
  EXPECT_GT(port.queued_bytes(id), 0U);
  EXPECT_TRUE(until_got(due)) << got();
  // Of acknowledgements that wait together the last one is told.
  const auto last_ack = [&] {
    const auto heard = leader.of<zab::FromLearner>();
    const auto* const ack = std::get_if<zab::Ack>(&heard.back().packet);
    return ack == nullptr ? Zxid{} : ack->zxid;
  };
  EXPECT_TRUE(world.run_until([&] { return last_ack() == Zxid{50}; }));
  EXPECT_LT(leader.count<zab::FromLearner>(), 51);
  EXPECT_EQ(port.queued_bytes(id), 0U);
  const auto big = std::get<zab::Proposal>(follower.of<zab::FromLeader>().at(12).packet);
  EXPECT_EQ(*big.record, *proposal(7, 300'000).record);
}

TEST_P(LinkTest, packets_of_one_event_are_sent_in_one_call) {
  connect();
  const std::int64_t sends = world.network.server_sends;
  for (std::int64_t zxid = 1; zxid <= 20; ++zxid) port.send(id, proposal(zxid));
  world.run_for(1'000);
  EXPECT_EQ(world.network.server_sends, sends + 1);
}

TEST_P(LinkTest, a_snapshot_goes_between_the_packets) {
  connect();
  port.send(id, zab::Snap{Zxid{7}});
  port.begin_stream(id);
  port.send(id, proposal(8));
  std::string snapshot;
  for (int i = 0; i < 10; ++i) {
    const std::string part(70'000, static_cast<char>('a' + i));
    snapshot += part;
    port.stream(id, std::string(part));
    world.run_for(1);
  }
  port.send(id, zab::NewLeader{Epoch{1}, "text"});
  port.stream(id, ".");
  port.end_stream(id);
  port.send(id, proposal(9));
  ASSERT_TRUE(until_got("S")) << got();
  world.run_for(1'000);
  Sink sink;
  link.receive_snapshot(sink);
  EXPECT_TRUE(sink.got.empty()) << "it is called from the loop";
  ASSERT_TRUE(world.run_until([&] { return sink.is_over; }));
  EXPECT_EQ(sink.got, snapshot + ".");
  world.run_for(1'000);
  EXPECT_EQ(got(), "S") << "packets wait until the snapshot is installed";
  link.resume_packets();
  EXPECT_TRUE(until_got("SP8NP9")) << got();
}

TEST_P(LinkTest, the_packet_behind_a_snapshot_can_be_seen_before_the_snapshot_is_installed) {
  connect();
  port.send(id, zab::Snap{Zxid{7}});
  port.begin_stream(id);
  port.stream(id, ".");
  port.end_stream(id);
  ASSERT_TRUE(until_got("S"));
  Sink sink;
  link.receive_snapshot(sink);
  std::vector<std::int64_t> shown;
  link.show_next([&](const zab::Packet& packet) { shown.push_back(std::get<zab::Proposal>(packet).zxid.value()); });
  world.run_for(1'000);
  EXPECT_TRUE(sink.is_over);
  EXPECT_TRUE(shown.empty()) << "it has not come";
  // It is read to its end, though so much is not read while nothing is awaited.
  port.send(id, proposal(8, LeaderLink::kPendingBytesMax + 1'000'000));
  port.send(id, proposal(9));
  EXPECT_TRUE(world.run_until([&] { return !shown.empty(); }, 60'000));
  world.run_for(1'000);
  EXPECT_EQ(shown, std::vector<std::int64_t>{8});
  EXPECT_EQ(got(), "S");
  link.resume_packets();
  EXPECT_TRUE(until_got("SP8P9")) << got();
}

TEST_P(LinkTest, the_socket_is_not_read_while_too_much_of_a_snapshot_is_in_memory) {
  connect();
  port.send(id, zab::Snap{Zxid{7}});
  port.begin_stream(id);
  for (int i = 0; i < 80; ++i) port.stream(id, std::string(100'000, 'x'));
  port.stream(id, ".");
  port.end_stream(id);
  ASSERT_TRUE(until_got("S"));
  Sink sink;
  sink.keeps_pending = true;
  link.receive_snapshot(sink);
  world.run_for(60'000);
  EXPECT_GT(sink.got.size(), LeaderLink::kPendingBytesMax);
  EXPECT_LT(sink.got.size(), LeaderLink::kPendingBytesMax + 1'000'000);
  const auto progress = leader.count<zab::LearnerProgress>();
  sink.pending = 0;
  sink.keeps_pending = false;
  link.resume_reading();
  EXPECT_TRUE(world.run_until([&] { return sink.is_over; }));
  world.run_for(1'000);
  EXPECT_GT(leader.count<zab::LearnerProgress>(), progress);
}

TEST_P(LinkTest, a_snapshot_that_is_none_ends_the_link) {
  connect();
  port.send(id, zab::Snap{Zxid{7}});
  port.begin_stream(id);
  port.stream(id, "what!");
  ASSERT_TRUE(until_got("S"));
  Sink sink;
  link.receive_snapshot(sink);
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }));
  EXPECT_EQ(follower.of<zab::LeaderLost>().at(0).why, "its snapshot can't be used: it has a mark that no snapshot has");
  EXPECT_TRUE(world.run_until([&] { return leader.count<zab::LearnerLost>() == 1; }));
  EXPECT_FALSE(port.is_open(id));
  EXPECT_EQ(port.queued_bytes(id), 0U);
}

TEST_P(LinkTest, a_link_that_ends_in_a_snapshot_uses_the_sink_no_more) {
  connect();
  port.send(id, zab::Snap{Zxid{7}});
  port.begin_stream(id);
  port.stream(id, "half of it");
  ASSERT_TRUE(until_got("S"));
  auto sink = std::make_unique<Sink>();
  link.receive_snapshot(*sink);
  ASSERT_TRUE(world.run_until([&] { return !sink->got.empty(); }));
  if (GetParam() % 2 == 0) {
    link.close();
    sink.reset();
  } else {
    port.close(id, "a test");
    ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }));
    sink.reset();
  }
  world.run_for(10'000);
  link.resume_reading();
  link.resume_packets();
  EXPECT_FALSE(link.is_open());
}

TEST_P(LinkTest, nothing_is_told_after_close) {
  connect();
  port.send(id, proposal(1));
  link.send(zab::Ack{Zxid{1}});
  if (GetParam() % 2 == 0) world.run_for(1);
  const std::size_t leader_knows = leader.events.size();
  const std::size_t follower_knows = follower.events.size();
  port.close(id, "this server does not lead");
  link.close();
  world.run_for(10'000);
  EXPECT_EQ(leader.events.size(), leader_knows);
  EXPECT_EQ(follower.events.size(), follower_knows);
  EXPECT_TRUE(world.log.has("this server does not lead"));
}

TEST_P(LinkTest, the_end_of_the_other_side_is_told_at_once) {
  connect();
  if (GetParam() % 2 == 0) {
    link.close();
    EXPECT_TRUE(world.run_until([&] { return leader.count<zab::LearnerLost>() == 1; }, 10));
  } else {
    port.close(id, "a test");
    EXPECT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }, 10));
  }
}

TEST_P(LinkTest, a_leader_that_can_t_be_reached_is_told_with_the_reason) {
  link.dial(ServerId{1}, 700);
  world.run_for(690);
  EXPECT_TRUE(follower.events.empty()) << "it waits before it dials";
  ASSERT_TRUE(world.run_until([&] { return follower.count<zab::LeaderLost>() == 1; }, 100));
  EXPECT_EQ(follower.of<zab::LeaderLost>().at(0).why, "host1:2001: connection refused");
  link.dial(ServerId{1}, 700);
  link.close();
  world.run_for(10'000);
  EXPECT_EQ(follower.events.size(), 1U) << "close() ends an attempt, too";
}

TEST_P(LinkTest, each_address_of_the_leader_is_tried) {
  Options options = options_of(2, 3);
  auto& addresses = options.members[ServerId{1}].addresses;
  addresses.insert(addresses.begin(), {"nosuchhost.invalid", 2001, 3001});
  LeaderLink second(world.env(), options, follower.tell());
  ASSERT_TRUE(port.bind());
  port.start();
  second.dial(ServerId{1}, 0);
  EXPECT_TRUE(world.run_until([&] { return follower.count<zab::LeaderConnected>() == 1; }));
  EXPECT_EQ(follower.count<zab::LeaderLost>(), 0U);
}

TEST_P(LinkTest, a_stranger_has_a_deadline_a_limit_of_bytes_and_of_number) {
  Options options = options_of(3, 3);
  options.unauthenticated_max = 3;
  LearnerPort strict(world.env(), options, leader.tell());
  ASSERT_TRUE(strict.bind());
  strict.start();
  const auto dial = [&](const std::string& bytes) {
    auto raw = std::make_unique<Raw>();
    raw->connection = world.env().dialer.dial({"host3", quorum_port(3)}, *raw);
    EXPECT_TRUE(world.run_until([&] { return raw->is_connected; }));
    raw->connection->send(bytes);
    return raw;
  };
  std::string ping;
  append_packet(zab::Ping{Zxid{1}, {}}, ping);
  std::string request;
  append_packet(zab::ServerPacket{1, Zxid{-1}, std::string(100, 'x'), {}}, request);
  const std::vector<std::pair<std::string, std::string>> false_first{
      {ping, "its first packet does not say who it is"},
      {request, "a packet of an impossible length"},
      {"GET / HTTP/1.1", "bytes that are no packet of the quorum port"}};
  for (const auto& [bytes, line] : false_first) {
    const auto raw = dial(bytes);
    EXPECT_TRUE(world.run_until([&] { return !raw->closed.empty(); }, 1'000)) << line;
    EXPECT_TRUE(world.log.has(line)) << line;
  }
  std::vector<std::unique_ptr<Raw>> silent;
  silent.reserve(5);
  for (int i = 0; i < 5; ++i) silent.push_back(dial(std::string(1, '\0')));
  EXPECT_TRUE(world.run_until([&] { return !silent[0]->closed.empty() && !silent[1]->closed.empty(); }, 1'000));
  world.run_for(1'000);
  EXPECT_TRUE(silent[2]->closed.empty());
  EXPECT_TRUE(world.run_until([&] { return !silent[2]->closed.empty() && !silent[4]->closed.empty(); }, 5'000));
  EXPECT_TRUE(leader.events.empty());
}

TEST_P(LinkTest, a_learner_that_does_not_read_is_closed_over_the_limit_of_bytes) {
  Options options = options_of(3, 3);
  options.link_queue_bytes_max = 2'000'000;
  LearnerPort strict(world.env(), options, leader.tell());
  ASSERT_TRUE(strict.bind());
  strict.start();
  Raw raw;
  raw.connection = world.env().dialer.dial({"host3", quorum_port(3)}, raw);
  ASSERT_TRUE(world.run_until([&] { return raw.is_connected; }));
  std::string info;
  append_packet(learner(1), info);
  raw.connection->send(info);
  ASSERT_TRUE(world.run_until([&] { return leader.count<zab::LearnerConnected>() == 1; }));
  raw.connection->pause_reading();
  const zab::LinkId of_raw = leader.of<zab::LearnerConnected>().at(0).link;
  const bool streams = GetParam() % 2 == 0;
  if (streams) strict.begin_stream(of_raw);
  for (std::int64_t zxid = 1; zxid <= 30; ++zxid) {
    strict.send(of_raw, proposal(zxid, 100'000));
    EXPECT_LE(strict.queued_bytes(of_raw), 2'000'000U);
    world.run_for(1);
  }
  EXPECT_EQ(leader.count<zab::LearnerLost>(), 1U);
  EXPECT_FALSE(strict.is_open(of_raw));
}

TEST_P(LinkTest, a_packet_of_the_wrong_side_ends_the_link) {
  connect();
  link.send(zab::Commit{Zxid{1}});
  EXPECT_TRUE(world.run_until([&] { return leader.count<zab::LearnerLost>() == 1; }));
  EXPECT_TRUE(world.log.has("it sent COMMIT, which no learner sends"));
}

INSTANTIATE_TEST_SUITE_P(seeds, LinkTest, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace quoll::quorum
