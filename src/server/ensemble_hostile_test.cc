// Ensembles of production servers with somebody at their election and quorum ports who is no member, or a member that
// lies: each gets a line in the log and loses its connection, and the members go on.
#include <climits>

#include "quorum/translate.h"
#include "server/test_ensemble.h"
#include "wire/election_frames.h"
#include "wire/quorum_frames.h"

namespace quoll::server {
namespace {

constexpr std::uint16_t kQuorumPort = 2888;
constexpr std::uint16_t kElectionPort = 3888;

// A connection that sends what a test gives it.
class Intruder : public env::ConnectionHandler {
 public:
  Intruder(EnsembleWorld& e, int member, std::uint16_t port)
      : connection_(e.simulation.network.connect(EnsembleWorld::name_of(member), port, "10.66.0.1", *this)) {}
  void say(std::string_view bytes) {
    if (connection_ != nullptr) connection_->send(bytes);
  }
  void say(const zab::Packet& packet) {
    std::string bytes;
    quorum::append_packet(packet, bytes);
    say(bytes);
  }
  void on_data(std::string_view bytes) override { heard_ += bytes; }
  void on_closed(std::string_view) override { connection_.reset(); }
  [[nodiscard]] bool is_closed() const { return connection_ == nullptr; }
  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  std::string heard_;
  std::unique_ptr<env::Connection> connection_;
};

struct Case {
  std::string bytes;
  std::string line;  // that the log must have; empty: the end of the connection is enough
};

// Everybody serves, nobody has ended, and the leader is the same.
void expect_well(EnsembleWorld& e, int leader) {
  e.simulation.run_for(3000);
  EXPECT_EQ(e.leader(), leader);
  for (const int id : e.ids()) {
    EXPECT_TRUE(e.serves(id)) << id;
    EXPECT_EQ(e.failure(id), "") << id;
  }
  static int count = 0;
  sim::Client& client = e.connected(e.a_learner());
  EXPECT_EQ(client.create(fmt::format("/well{}", ++count)), Error::ok);
  EXPECT_TRUE(e.agree());
}

std::string hello(std::int64_t id, const std::string& addresses) {
  std::string bytes;
  wire::append_election_hello({id, addresses}, bytes);
  return bytes;
}

std::string number(std::int64_t value, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  return bytes;
}

std::string vote(std::int32_t state, std::int64_t leader, std::int64_t zxid, std::int64_t round, std::int64_t epoch,
                 const std::string& configuration = "") {
  std::string bytes;
  wire::append_election_message({state, leader, zxid, round, epoch, 2, configuration}, bytes);
  return bytes;
}

std::string packet(std::int32_t type, std::int64_t zxid, std::optional<std::string> data) {
  std::string bytes;
  const QuorumPacket one{type, zxid, data ? base::NullableView(*data) : base::NullableView(), std::nullopt};
  wire::append_quorum_packet(one, bytes);
  return bytes;
}

TEST(HostilePeers, false_hellos_at_the_election_port_are_refused) {
  ServingEnsemble e(3, 1);
  const int leader = e.leader();
  const std::string v1 = number(-65536, 8);
  const std::vector<Case> cases{
      {v1 + number(9, 8) + number(4, 4) + "x:1x", "server 9, which is no member of the ensemble"},
      {v1 + number(INT64_MAX, 8) + number(4, 4) + "x:1x", "which is no member of the ensemble"},
      {v1 + number(-1, 8) + number(4, 4) + "x:1x", "which is no member of the ensemble"},
      {v1 + number(2, 8) + number(0, 4), "is not the hello of a ZooKeeper server"},
      {v1 + number(2, 8) + number(-1, 4), "is not the hello of a ZooKeeper server"},
      {v1 + number(2, 8) + number(2049, 4), "is not the hello of a ZooKeeper server"},
      {v1 + number(2, 8) + number(INT_MAX, 4), "is not the hello of a ZooKeeper server"},
      {number(-65534, 8) + number(2, 8) + number(4, 4) + "x:1x", "is not the hello of a ZooKeeper server"},
      {hello(2, "server3:3888"), "server 2, but its address server3:3888 is that of server 3"},
      // Authentication, which is off here.
      {number(-0xa0dbcafecafe1234 + 0, 8) + number(1, 4) + number(0, 4), ""},
      {"GET / HTTP/1.1\r\n\r\n", "which is no member of the ensemble"},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), ""},
  };
  for (const Case& each : cases) {
    // Not to server 2, which such a hello may claim to be.
    Intruder intruder(e, 1, kElectionPort);
    intruder.say(each.bytes);
    e.simulation.run_until([&] { return intruder.is_closed(); }, 10'000);
    EXPECT_TRUE(intruder.is_closed()) << each.line;
    EXPECT_TRUE(e.machine(1).log.has(each.line)) << each.line;
  }
  expect_well(e, leader);
}

TEST(HostilePeers, a_hello_that_comes_byte_by_byte_or_never_is_given_a_time_limit) {
  ServingEnsemble e;
  const int leader = e.leader();
  Intruder silent(e, 1, kElectionPort);
  Intruder half(e, 1, kElectionPort);
  half.say(number(-65536, 8) + number(3, 8) + number(12, 4) + "serv");
  Intruder quorum_silent(e, leader, kQuorumPort);
  Intruder quorum_half(e, leader, kQuorumPort);
  quorum_half.say(number(11, 4) + number(0, 8));
  e.simulation.run_for(12'000);
  for (const Intruder* const each : {&silent, &half, &quorum_silent, &quorum_half}) EXPECT_TRUE(each->is_closed());
  EXPECT_TRUE(e.machine(1).log.has("it did not say who it is in time"));
  EXPECT_TRUE(e.machine(leader).log.has("it did not say who it is in time"));
  expect_well(e, leader);
}

TEST(HostilePeers, j6_thousands_of_connections_are_neither_kept_nor_in_the_way) {
  ServingEnsemble e;
  const int leader = e.leader();
  std::deque<Intruder> intruders;
  for (int i = 0; i < 2000; ++i) {
    intruders.emplace_back(e, leader, i % 2 == 0 ? kElectionPort : kQuorumPort);
    if (i % 100 == 0) e.simulation.run_for(1);
  }
  e.simulation.run_for(100);
  const auto open = std::ranges::count_if(intruders, [](const Intruder& each) { return !each.is_closed(); });
  EXPECT_LE(open, 2 * 64) << "Options::unauthenticated_max for each port";
  expect_well(e, leader);
  e.simulation.run_for(10'000);
  EXPECT_TRUE(std::ranges::all_of(intruders, &Intruder::is_closed));
}

// Somebody who knows the configuration says the right hello, and then nonsense.
TEST(HostilePeers, messages_of_every_wrong_length_and_content_do_no_harm_at_the_election_port) {
  ServingEnsemble e;
  const int leader = e.leader();
  const std::string real = hello(3, "server3:3888");
  std::vector<std::string> lies;
  for (const std::int32_t length : {INT_MIN, -1, 0, 524'289, INT_MAX}) lies.push_back(number(length, 4));
  for (int length = 1; length < 48; ++length)
    lies.push_back(number(length, 4) + std::string(static_cast<std::size_t>(length), '\0'));
  for (const std::int32_t state : {-1, 4, INT_MAX, INT_MIN}) lies.push_back(vote(state, 3, 0, 1, 1));
  for (const std::int64_t extreme : {INT64_MAX, INT64_MIN, std::int64_t{-1}}) {
    for (const std::int32_t state : {0, 1, 2, 3}) {
      lies.push_back(vote(state, 3, extreme, 1, 1));
      lies.push_back(vote(state, 3, 0, extreme, 1));
      lies.push_back(vote(state, 3, 0, 1, extreme));
      lies.push_back(vote(state, extreme, 0, 1, 1));
    }
  }
  lies.push_back(vote(0, 77, 0, 1, 1));
  lies.push_back(vote(0, 3, 0, 1, 1, "server.1=elsewhere:1:2\nversion=ffffffff"));
  lies.push_back(vote(0, 3, 0, 1, 1, std::string(500'000, 'x')));
  for (const std::string& lie : lies) {
    Intruder intruder(e, 1, kElectionPort);
    intruder.say(real + lie);
    e.simulation.run_for(20);
  }
  expect_well(e, leader);
  // Nor when there is an election afterwards.
  e.kill(leader);
  ASSERT_TRUE(e.settle());
  e.start(leader);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.agree());
}

TEST(HostilePeers, j9_a_forged_hello_makes_nobody_dial_the_address_in_it_and_the_member_it_names_stays_connected) {
  ServingEnsemble e;
  const int leader = e.leader();
  for (int i = 0; i < 20; ++i) {
    Intruder small(e, 3, kElectionPort);
    small.say(hello(1, "10.66.0.1:3888"));
    Intruder large(e, 1, kElectionPort);
    large.say(hello(3, "10.66.0.1:3888"));
    e.simulation.run_for(50);
  }
  EXPECT_FALSE(e.machine(3).log.has("10.66.0.1:3888")) << "an address that nobody has configured";
  expect_well(e, leader);
  e.kill(leader);
  EXPECT_TRUE(e.settle());
}

TEST(HostilePeers, whoever_does_not_introduce_itself_rightly_to_the_leader_is_refused) {
  ServingEnsemble e;
  const int leader = e.leader();
  const int learner = e.a_learner();
  const auto info = [](std::int64_t id, std::int32_t protocol, std::int64_t version) {
    return number(id, 8) + number(protocol, 4) + number(version, 8);
  };
  constexpr std::int32_t kFollower = 11;
  const std::int64_t epoch = std::int64_t{1} << 32;
  const std::vector<Case> cases{
      {packet(3, epoch, std::nullopt), "its first packet does not say who it is"},
      {packet(18, epoch, number(1, 4)), "its first packet does not say who it is"},
      {packet(2, epoch, "txn"), "it sent PROPOSAL, which no learner sends"},
      {packet(0, epoch, ""), ""},
      {packet(20, epoch, ""), "bytes that are no packet of the quorum port"},
      {packet(INT_MIN, epoch, ""), "bytes that are no packet of the quorum port"},
      {packet(kFollower, epoch, std::nullopt), "it sent FOLLOWERINFO of a wrong length"},
      {packet(kFollower, epoch, std::string(7, '\0')), "it sent FOLLOWERINFO of a wrong length"},
      {packet(kFollower, epoch, std::string(11, '\0')), "it sent FOLLOWERINFO of a wrong length"},
      {packet(kFollower, epoch, std::string(19, '\0')), "it sent FOLLOWERINFO of a wrong length"},
      {number(kFollower, 4) + number(epoch, 8) + number(-2, 4), "a packet of an impossible length"},
      {number(kFollower, 4) + number(epoch, 8) + number(INT_MAX, 4), "a packet of an impossible length"},
      {packet(kFollower, epoch, info(9, 0x10000, 0)), "it is no member of the ensemble"},
      {packet(kFollower, epoch, info(INT64_MIN, 0x10000, 0)), "it is no member of the ensemble"},
      {packet(kFollower, epoch, info(leader, 0x10000, 0)), "it has the id of this server: check its myid"},
      {packet(kFollower, epoch, info(learner, 0x10000, INT64_MAX)), "its configuration is newer than this leader's"},
      {packet(kFollower, std::int64_t{0x7ffffffe} << 32, info(learner, 0x10000, 0)), "its accepted epoch is too far"},
      {packet(kFollower, -1, info(learner, 0x10000, 0)), "its accepted epoch is too far"},
  };
  for (const Case& each : cases) {
    Intruder intruder(e, leader, kQuorumPort);
    intruder.say(each.bytes);
    e.simulation.run_until([&] { return intruder.is_closed(); }, 12'000);
    EXPECT_TRUE(intruder.is_closed()) << each.line;
    EXPECT_TRUE(e.machine(leader).log.has(each.line)) << each.line;
  }
  // Who only introduces itself with an epoch far ahead does not use up epochs (I3).
  EXPECT_EQ(e.server(leader)->core().leading()->epoch(), Epoch{1});
  expect_well(e, leader);
}

// A member that is a member, and lies. Server 4 of five is down; somebody speaks in its place.
struct Liar {
  explicit Liar(EnsembleWorld& e) : e_(e), id_(e.a_learner()) {
    e.kill(id_);
    e.simulation.run_for(100);
    intruder.emplace(e, e.leader(), kQuorumPort);
    intruder->say(zab::LearnerInfo{ServerId{id_}, false, Epoch{1}, 0x10000, 0});
    e.simulation.run_for(20);
  }
  void promise(Zxid last, std::int64_t current = 1) {
    intruder->say(zab::AckEpoch{last, Epoch{current}});
    e_.simulation.run_for(20);
  }
  void follow() {
    promise(Zxid{0});
    intruder->say(zab::Ack{Zxid{std::int64_t{1} << 32}});
    e_.simulation.run_for(20);
  }
  [[nodiscard]] int id() const { return id_; }
  std::optional<Intruder> intruder;

 private:
  EnsembleWorld& e_;
  int id_;
};

TEST(HostilePeers, a_learner_that_lies_about_its_history_and_its_acknowledgements_loses_its_link) {
  const std::int64_t epoch = std::int64_t{1} << 32;
  struct Lie {
    bool follows;
    std::string bytes;
    std::string line;
  };
  const auto of = [](const zab::Packet& packet) {
    std::string bytes;
    quorum::append_packet(packet, bytes);
    return bytes;
  };
  const std::vector<Lie> lies{
      {false, packet(18, 0, ""), "it sent ACKEPOCH without its current epoch"},
      {false, packet(18, 0, std::string(3, '\0')), "it sent ACKEPOCH without its current epoch"},
      {false, packet(18, 0, number(-2, 4)), "it sent ACKEPOCH without its current epoch"},
      {false, of(zab::Ack{Zxid{epoch}}), "it acknowledged NEWLEADER before it was sent"},
      {false, of(zab::Ack{Zxid{epoch + 1}}), "it acknowledged something else than NEWLEADER"},
      {false, of(zab::LearnerInfo{ServerId{2}, false, Epoch{1}, 0x10000, 0}), "it introduced itself twice"},
      {false, of(zab::ServerPacket{1, Zxid{-1}, std::string(20, 'x'), {}}),
       "it sent a request before it was up to date"},
      {true, of(zab::Ack{Zxid{epoch + 1000}}), "it acknowledged what was not proposed"},
      {true, of(zab::Ack{Zxid{INT64_MAX}}), "it acknowledged what was not proposed"},
      {true, packet(2, epoch, "txn"), "it sent PROPOSAL, which no learner sends"},
      {true, packet(10, epoch, ""), "which no learner sends"},
      {true, packet(18, 0, number(1, 4)), "it promised an epoch that nobody asked it for"},
  };
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.line);
    ServingEnsemble e(5);
    const int leader = e.leader();
    Liar liar(e);
    if (lie.follows) liar.follow();
    ASSERT_FALSE(liar.intruder->is_closed());
    liar.intruder->say(lie.bytes);
    EXPECT_TRUE(e.simulation.run_until([&] { return liar.intruder->is_closed(); }, 2000));
    EXPECT_TRUE(e.machine(leader).log.has(lie.line));
    e.start(liar.id());
    ASSERT_TRUE(e.settle());
    expect_well(e, leader);
  }
}

TEST(HostilePeers, a_learner_that_acknowledges_everything_unread_does_not_make_up_for_a_quorum) {
  ServingEnsemble e;
  const int leader = e.leader();
  Liar liar(e);
  liar.follow();
  sim::Client& client = e.connected(leader);
  // The other real follower is cut off: leader and liar are a quorum, and the liar acknowledges what does not exist.
  for (const int id : e.ids()) {
    if (id != leader && id != liar.id()) e.isolate(id);
  }
  for (std::int64_t i = 1; i < 50; ++i) liar.intruder->say(zab::Ack{Zxid{(std::int64_t{1} << 32) + i}});
  const std::int32_t xid =
      client.send(OpCode::create, CreateRequest{"/x", base::NullableView("x"), sim::open_acl(), 0});
  e.simulation.run_for(1000);
  EXPECT_TRUE(liar.intruder->is_closed());
  EXPECT_EQ(client.reply(xid), nullptr);
}

TEST(HostilePeers, requests_touches_and_sessions_of_impossible_content_are_passed_over) {
  ServingEnsemble e(5);
  const int leader = e.leader();
  sim::Client& client = e.connected(leader);
  ASSERT_EQ(client.create("/a", "one"), Error::ok);
  Liar liar(e);
  liar.follow();
  e.simulation.run_for(500);
  std::vector<std::string> nonsense;
  for (const int bytes : {0, 1, 11, 13, 25, 4096})
    nonsense.push_back(packet(5, 0, std::string(static_cast<std::size_t>(bytes), '\7')));
  for (const int bytes : {0, 1, 7, 8, 11})
    nonsense.push_back(packet(6, 0, std::string(static_cast<std::size_t>(bytes), '\1')));
  for (const int bytes : {0, 1, 15})
    nonsense.push_back(packet(1, -1, std::string(static_cast<std::size_t>(bytes), '\1')));
  const auto request = [](std::int64_t session, std::int32_t op, const std::string& body) {
    return packet(1, -1, number(session, 8) + number(7, 4) + number(op, 4) + body);
  };
  // Of a session that does not exist; of the server itself; of no operation; of a body that is none.
  nonsense.push_back(request(77, 1, "x"));
  for (const std::int32_t op : {-1, -10, -11, 0, 3, 4, 13, 19, 20, 1000, INT_MIN})
    nonsense.push_back(request(77, op, std::string(40, '\0')));
  nonsense.push_back(request(client.session(), 5, std::string(100, '\xff')));
  for (const std::string& each : nonsense) {
    liar.intruder->say(each);
    e.simulation.run_for(10);
  }
  EXPECT_FALSE(liar.intruder->is_closed()) << "as with Apache's leader";
  EXPECT_TRUE(e.machine(leader).log.has("too short for one; it is ignored"));
  EXPECT_TRUE(e.machine(leader).log.has("which changes nothing; it is ignored"));
  EXPECT_EQ(client.get("/a"), "one");
  EXPECT_EQ(client.set("/a", "two"), Error::ok);
  e.kill(liar.id());
  liar.intruder.reset();
  e.start(liar.id());
  ASSERT_TRUE(e.settle());
  expect_well(e, leader);
}

TEST(HostilePeers, b16_two_servers_of_one_id_are_told_so_and_the_ensemble_goes_on) {
  ServingEnsemble e(5);
  const int leader = e.leader();
  const int twin = e.a_learner();
  // Somebody with the same myid connects while the member serves: one of them has the link, never both.
  Intruder second(e, leader, kQuorumPort);
  second.say(zab::LearnerInfo{ServerId{twin}, false, Epoch{1}, 0x10000, 0});
  e.simulation.run_for(100);
  EXPECT_TRUE(e.machine(leader).log.has("the same member has connected again"));
  second.say(zab::AckEpoch{Zxid{0}, Epoch{1}});
  e.simulation.run_for(200);
  const auto synced = e.server(leader)->core().leading()->up_to_date();
  EXPECT_LE(std::ranges::count(synced, ServerId{twin}), 1);
  e.simulation.run_for(12'000);
  expect_well(e, leader);
}

}  // namespace
}  // namespace quoll::server
