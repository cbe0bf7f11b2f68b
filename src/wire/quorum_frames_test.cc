#include "wire/quorum_frames.h"

#include <gtest/gtest.h>

#include "wire/election_frames.h"
#include "wire/jute.h"

namespace quoll::wire {
namespace {

std::string bytes_of(const QuorumPacket& packet) {
  std::string out;
  append_quorum_packet(packet, out);
  return out;
}

QuorumPacket proposal(std::string_view data) {
  return {static_cast<std::int32_t>(QuorumPacketType::proposal), 0x100000001, data, std::nullopt};
}

TEST(QuorumFrames, a_packet_is_what_apaches_servers_write) {
  // COMMIT of zxid 0x100000001, no data, no identities.
  EXPECT_EQ(bytes_of({4, 0x100000001, {}, std::nullopt}),
            std::string("\0\0\0\4\0\0\0\1\0\0\0\1\377\377\377\377\377\377\377\377", 20));
}

TEST(QuorumFrames, packets_come_back_to_back_and_each_says_where_it_ends) {
  std::string bytes = bytes_of(proposal("txn"));
  QuorumPacket request{1, -1, "body", std::vector{Id{"ip", "127.0.0.1"}, Id{"digest", "a:b"}}};
  append_quorum_packet(request, bytes);
  const auto first = read_quorum_packet(bytes, {});
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->packet.data.view(), "txn");
  const auto second = read_quorum_packet(std::string_view(bytes).substr((*first)->bytes), {});
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->packet.auth_info->at(1).id, "a:b");
  EXPECT_EQ((*first)->bytes + (*second)->bytes, bytes.size());
}

TEST(QuorumFrames, a_packet_cut_at_any_byte_is_waited_for) {
  const std::string bytes = bytes_of({1, -1, "body", std::vector{Id{"ip", "127.0.0.1"}}});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto read = read_quorum_packet(std::string_view(bytes).substr(0, length), {});
    ASSERT_TRUE(read) << length;
    EXPECT_FALSE(*read) << length;
  }
}

TEST(QuorumFrames, a_lie_is_refused_before_it_is_waited_for) {
  std::string bytes;
  Writer(bytes).put(std::int32_t{0});
  EXPECT_EQ(read_quorum_packet(bytes, {}).error(), QuorumError::type);
  bytes.clear();
  Writer(bytes).put(std::int32_t{20});
  EXPECT_EQ(read_quorum_packet(bytes, {}).error(), QuorumError::type);
  for (const std::int32_t length : {-2, 1 << 30}) {
    bytes.clear();
    Writer writer(bytes);
    writer.put(std::int32_t{2});
    writer.put(std::int64_t{1});
    writer.put(length);
    EXPECT_EQ(read_quorum_packet(bytes, {}).error(), QuorumError::length) << length;
  }
  for (const std::int32_t count : {-2, 1 << 30}) {
    bytes.clear();
    Writer writer(bytes);
    writer.put(std::int32_t{1});
    writer.put(std::int64_t{1});
    writer.put(std::int32_t{-1});
    writer.put(count);
    EXPECT_EQ(read_quorum_packet(bytes, {}).error(), QuorumError::length) << count;
  }
}

TEST(QuorumFrames, identities_are_bounded_together) {
  QuorumPacket packet{1, -1, "", std::vector(3, Id{"digest", std::string(100, 'x')})};
  EXPECT_TRUE(read_quorum_packet(bytes_of(packet), {.auth_bytes_max = 400}));
  EXPECT_FALSE(read_quorum_packet(bytes_of(packet), {.auth_bytes_max = 300}));
}

TEST(QuorumFrames, learners_of_every_age_introduce_themselves) {
  const std::string now = encode_learner_info({7, 0x10000, 0x300000005});
  ASSERT_EQ(now.size(), 20u);
  EXPECT_EQ(decode_learner_info(now)->configuration_version, 0x300000005);
  EXPECT_EQ(decode_learner_info(now.substr(0, 12))->protocol, 0x10000);
  EXPECT_EQ(decode_learner_info(now.substr(0, 8))->server_id, 7);
  EXPECT_FALSE(decode_learner_info(now.substr(0, 9)));
  EXPECT_FALSE(decode_learner_info({}));
}

TEST(QuorumFrames, a_forwarded_request_keeps_the_clients_bytes) {
  const std::string data = encode_forwarded_request({0x100, 3, 1, "body"});
  const auto request = decode_forwarded_request(data);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->session, 0x100);
  EXPECT_EQ(request->cxid, 3);
  EXPECT_EQ(request->body, "body");
  EXPECT_FALSE(decode_forwarded_request(data.substr(0, 15)));
}

TEST(ElectionFrames, a_hello_of_every_version_is_read) {
  std::string bytes;
  append_election_hello({3, "[::1]:3888"}, bytes);
  const auto read = read_election_hello(bytes + "more");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->hello.server_id, 3);
  EXPECT_EQ((*read)->hello.addresses, "[::1]:3888");
  EXPECT_EQ((*read)->bytes, bytes.size());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(*read_election_hello(bytes.substr(0, length)));
  std::string old;
  Writer(old).put(std::int64_t{5});
  EXPECT_EQ((*read_election_hello(old))->hello.server_id, 5) << "3.4 sends its id alone";
}

TEST(ElectionFrames, a_hello_of_no_version_or_of_a_false_length_is_refused) {
  std::string bytes;
  Writer(bytes).put(std::int64_t{-65534});
  EXPECT_EQ(read_election_hello(bytes).error(), ElectionError::version);
  for (const std::int32_t length : {0, -1, 2049}) {
    bytes.clear();
    Writer writer(bytes);
    writer.put(std::int64_t{-65536});
    writer.put(std::int64_t{1});
    writer.put(length);
    EXPECT_EQ(read_election_hello(bytes).error(), ElectionError::length);
  }
}

TEST(ElectionFrames, b12_a_message_of_every_age_is_read_and_one_that_is_none_is_passed_over) {
  std::string bytes;
  append_election_message({2, 3, 0x500000007, 9, 5, 2, "server.1=..."}, bytes);
  const auto now = read_election_message(bytes);
  ASSERT_TRUE(now && *now && (*now)->message);
  EXPECT_EQ((*now)->message->configuration, "server.1=...");
  const std::string payload = bytes.substr(4);
  const auto read = [](std::string_view part) {
    std::string framed;
    Writer(framed).put(part);
    return (*read_election_message(framed))->message;
  };
  EXPECT_EQ(read(payload.substr(0, 28))->epoch, 5) << "from the zxid";
  EXPECT_EQ(read(payload.substr(0, 40))->version, 0);
  for (const std::size_t length : {1, 27, 29, 39, 41, 43, 45}) EXPECT_FALSE(read(payload.substr(0, length))) << length;
  std::string lying = payload;
  lying[40] = '\x7f';
  EXPECT_FALSE(read(lying)) << "a configuration longer than the message";
}

TEST(ElectionFrames, a_message_of_a_false_length_ends_the_connection) {
  for (const std::int32_t length : {0, -1, 512 * 1024 + 1}) {
    std::string bytes;
    Writer(bytes).put(length);
    EXPECT_EQ(read_election_message(bytes).error(), ElectionError::length);
  }
}

TEST(QuorumFrames, the_data_of_revalidate_and_of_ping_is_apaches) {
  const std::string touch("\0\0\0\0\0\0\0\x07\0\0\x75\x30", 12);
  EXPECT_EQ(encode_session_touch({7, 30000}), touch);
  EXPECT_EQ(decode_session_touch(touch)->session, 7);
  EXPECT_EQ(decode_session_touch(touch)->timeout_ms, 30000);
  const std::string reply("\0\0\0\0\0\0\0\x07\x01", 9);
  EXPECT_EQ(encode_revalidate_reply({7, true}), reply);
  EXPECT_EQ(decode_revalidate_reply(reply)->session, 7);
  EXPECT_TRUE(decode_revalidate_reply(reply)->is_valid);
  EXPECT_EQ(encode_session_touches({{7, 30000}, {7, 30000}}), touch + touch);
  EXPECT_EQ(decode_session_touches(touch + touch).size(), 2U);
}

TEST(QuorumFrames, data_that_is_too_short_is_none) {
  EXPECT_FALSE(decode_session_touch(std::string(11, 'x')));
  EXPECT_FALSE(decode_revalidate_reply(std::string(8, 'x')));
  EXPECT_FALSE(decode_revalidate_reply(""));
  EXPECT_EQ(decode_session_touches(std::string(35, 'x')).size(), 2U);
}

}  // namespace
}  // namespace quoll::wire
