// Packets between their two forms.
#include "quorum/translate.h"

#include <gtest/gtest.h>

#include "wire/quorum_frames.h"

namespace quoll::quorum {
namespace {

using Type = QuorumPacketType;

zab::Record record() {
  return std::make_shared<const std::string>("txn");
}

QuorumPacket wire_of(const std::string& bytes) {
  const auto read = wire::read_quorum_packet(bytes, {});
  EXPECT_TRUE(read && *read && (*read)->bytes == bytes.size());
  return (*read)->packet;
}

// Writes it, reads it as the other side does, and writes that again.
void expect_same(const zab::Packet& packet, decltype(&packet_of_leader) read) {
  std::string bytes;
  append_packet(packet, bytes);
  const auto back = read(wire_of(bytes));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->index(), packet.index());
  std::string again;
  append_packet(*back, again);
  EXPECT_EQ(again, bytes);
}

TEST(Translate, every_packet_of_a_leader_comes_back_as_it_was) {
  const Zxid zxid{0x500000007};
  const std::vector<zab::Packet> packets{zab::LeaderInfo{Epoch{6}},
                                         zab::Diff{zxid},
                                         zab::Trunc{zxid},
                                         zab::Snap{zxid},
                                         zab::Proposal{zxid, record()},
                                         zab::Commit{zxid},
                                         zab::Inform{zxid, record()},
                                         zab::NewLeader{Epoch{6}, "server.1=..."},
                                         zab::UpToDate{},
                                         zab::Ping{zxid, {}},
                                         zab::ServerPacket{6, Zxid{-1}, "session", {}},
                                         zab::ServerPacket{7, Zxid{0}, "", {}}};
  for (const zab::Packet& packet : packets) expect_same(packet, packet_of_leader);
}

TEST(Translate, every_packet_of_a_learner_comes_back_as_it_was) {
  const Zxid zxid{0x500000007};
  const std::vector<zab::Packet> packets{zab::LearnerInfo{ServerId{3}, false, Epoch{5}, 0x10000, 0x100000001},
                                         zab::LearnerInfo{ServerId{4}, true, Epoch{5}, 0x10000, 0},
                                         zab::AckEpoch{zxid, Epoch{5}},
                                         zab::AckEpoch{zxid, std::nullopt},
                                         zab::Ack{zxid},
                                         zab::Ping{zxid, "touched sessions"},
                                         zab::ServerPacket{1, Zxid{-1}, "request", {Id{"ip", "127.0.0.1"}}},
                                         zab::ServerPacket{6, Zxid{-1}, "session", {}}};
  for (const zab::Packet& packet : packets) expect_same(packet, packet_of_learner);
}

TEST(Translate, the_bytes_are_those_of_apaches_servers) {
  std::string bytes;
  append_packet(zab::UpToDate{}, bytes);
  EXPECT_EQ(bytes, std::string("\0\0\0\x0c\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20));
  bytes.clear();
  append_packet(zab::LeaderInfo{Epoch{6}}, bytes);
  EXPECT_EQ(bytes, std::string("\0\0\0\x11\0\0\0\6\0\0\0\0\0\0\0\4\0\1\0\0\xff\xff\xff\xff", 24));
  bytes.clear();
  append_packet(zab::AckEpoch{Zxid{7}, std::nullopt}, bytes);
  EXPECT_EQ(bytes, std::string("\0\0\0\x12\0\0\0\0\0\0\0\7\0\0\0\4\xff\xff\xff\xff\xff\xff\xff\xff", 24));
}

TEST(Translate, a_ping_has_data_even_if_it_is_empty) {
  std::string bytes;
  append_packet(zab::Ping{Zxid{7}, {}}, bytes);
  EXPECT_FALSE(wire_of(bytes).data.is_null()) << "Apache's LearnerHandler takes it for granted";
}

TEST(Translate, what_a_side_does_not_send_or_sends_without_its_data_is_refused) {
  const auto refused = [](auto read, Type type, base::NullableView data) {
    const auto packet = read(QuorumPacket{static_cast<std::int32_t>(type), 1, data, std::nullopt});
    return packet ? "taken" : packet.error();
  };
  EXPECT_EQ(refused(packet_of_leader, Type::ack, {}), "it sent ACK, which no leader sends");
  EXPECT_EQ(refused(packet_of_leader, Type::request, {}), "it sent REQUEST, which no leader sends");
  EXPECT_EQ(refused(packet_of_learner, Type::proposal, "x"), "it sent PROPOSAL, which no learner sends");
  EXPECT_EQ(refused(packet_of_leader, Type::proposal, {}), "it sent PROPOSAL without a transaction");
  EXPECT_EQ(refused(packet_of_leader, Type::inform, ""), "it sent INFORM without a transaction");
  EXPECT_EQ(refused(packet_of_leader, Type::leader_info, "\1"), "it sent LEADERINFO of a protocol older than 3.4");
  EXPECT_EQ(refused(packet_of_learner, Type::ack_epoch, "abc"), "it sent ACKEPOCH without its current epoch");
  EXPECT_EQ(refused(packet_of_learner, Type::ack_epoch, "\x80\0\0"), "it sent ACKEPOCH without its current epoch");
  EXPECT_EQ(refused(packet_of_learner, Type::follower_info, "abc"), "it sent FOLLOWERINFO of a wrong length");
  EXPECT_TRUE(refused(packet_of_leader, Type::commit_and_activate, {}).contains("reconfig"));
}

TEST(Translate, a_vote_of_no_state_is_passed_over) {
  wire::ElectionMessage message{2, 3, 0x500000007, 9, 5, 2, "text"};
  const auto notification = notification_of(message);
  ASSERT_TRUE(notification);
  EXPECT_EQ(notification->state, zab::State::leading);
  EXPECT_EQ(notification->vote, (zab::Vote{Epoch{5}, Zxid{0x500000007}, ServerId{3}}));
  for (const std::int32_t state : {-1, 4}) {
    message.state = state;
    EXPECT_FALSE(notification_of(message));
  }
}

}  // namespace
}  // namespace quoll::quorum
