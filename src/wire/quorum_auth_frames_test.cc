// The packets of the authentication among servers, against bytes as Java writes them.
#include "wire/quorum_auth_frames.h"

#include <gtest/gtest.h>

namespace quoll::wire {
namespace {

using namespace std::string_literals;

const std::string kMagic = "\x5f\x24\x35\x01\x35\x01\xed\xcc"s;

std::string packet(std::int32_t status, base::NullableView token) {
  std::string bytes;
  append_quorum_auth({status, token}, bytes);
  return bytes;
}

TEST(QuorumAuthFrames, have_apaches_bytes) {
  EXPECT_EQ(packet(QuorumAuthPacket::in_progress, ""), kMagic + "\0\0\0\0\0\0\0\0"s);
  EXPECT_EQ(packet(QuorumAuthPacket::success, "rspauth=1"), kMagic + "\0\0\0\1\0\0\0\x9rspauth=1"s);
  EXPECT_EQ(packet(QuorumAuthPacket::error, {}), kMagic + "\xff\xff\xff\xff\xff\xff\xff\xff"s);
}

TEST(QuorumAuthFrames, are_read_back_and_what_follows_stays) {
  for (const auto& token : {base::NullableView(), base::NullableView(""), base::NullableView("token")}) {
    const auto read = read_quorum_auth(packet(-7, token) + "rest");
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->packet.status, -7);
    EXPECT_EQ((*read)->packet.token.is_null(), token.is_null());
    EXPECT_EQ((*read)->bytes, packet(-7, token).size());
  }
}

TEST(QuorumAuthFrames, an_incomplete_packet_is_waited_for_and_another_one_is_known_by_its_first_byte) {
  const std::string whole = packet(0, "token");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto read = read_quorum_auth(std::string_view(whole).substr(0, length));
    ASSERT_TRUE(read) << length;
    EXPECT_FALSE(*read) << length;
  }
  for (const std::string& other : {"\0"s, "\0\0\0\x28"s, kMagic.substr(0, 7) + "\xcd", "\xff\xff\xff\xff"s}) {
    const auto read = read_quorum_auth(other);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), QuorumAuthError::magic);
  }
}

TEST(QuorumAuthFrames, a_lie_about_the_length_is_refused_before_it_is_waited_for) {
  for (const std::string& length : {"\xff\xff\xff\xfe"s, "\x80\0\0\0"s, "\0\0\x10\x01"s, "\x7f\xff\xff\xff"s}) {
    const auto read = read_quorum_auth(kMagic + "\0\0\0\0"s + length);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), QuorumAuthError::length);
  }
  EXPECT_TRUE(read_quorum_auth(packet(0, std::string(kQuorumAuthTokenBytesMax, 't'))).value());
}

}  // namespace
}  // namespace quoll::wire
