// SASL between servers, byte by byte: who is let in, and what hostile packets do.
#include "quorum/authentication.h"

#include <gtest/gtest.h>

#include "quorum/test_support.h"
#include "wire/quorum_auth_frames.h"

namespace quoll::quorum {
namespace {

using namespace std::string_literals;
using testing::sasl_of;
using wire::QuorumAuthPacket;

std::string auth_packet(std::int32_t status, base::NullableView token) {
  std::string bytes;
  wire::append_quorum_auth({status, token}, bytes);
  return bytes;
}

// What follows the exchange; the packets of the protocol.
const std::string kRest = "\0\0\0\x28 and so on"s;

struct Exchange {
  explicit Exchange(const Authentication& connecting, const Authentication& accepting)
      : initiator(connecting, to_acceptor), acceptor(accepting) {}
  // Hands over what both have said, in pieces, until neither has more to say.
  void run(std::size_t piece = std::string::npos) {
    std::string initiators_input;
    std::string acceptors_input;
    const auto hand_over = [&](std::string& from, std::string& to, auto take) {
      const bool has_any = !from.empty();
      while (!from.empty()) {
        const std::size_t size = std::min(piece, from.size());
        to += from.substr(0, size);
        from.erase(0, size);
        take();
      }
      return has_any;
    };
    bool goes_on = true;
    while (goes_on) {
      goes_on = hand_over(to_acceptor, acceptors_input, [&] {
        if (accepted == AuthVerdict::pending) accepted = acceptor.take(acceptors_input, to_initiator);
      });
      goes_on |= hand_over(to_initiator, initiators_input, [&] {
        if (connected == AuthVerdict::pending) connected = initiator.take(initiators_input, to_acceptor);
      });
    }
    left = initiators_input;
  }
  std::string to_acceptor;
  std::string to_initiator;
  std::string left;
  AuthInitiator initiator;
  AuthAcceptor acceptor;
  AuthVerdict accepted = AuthVerdict::pending;
  AuthVerdict connected = AuthVerdict::pending;
};

TEST(Authentication, both_servers_prove_who_they_are_however_the_bytes_are_cut) {
  const auto sasl = sasl_of("secret");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::string::npos}) {
    Exchange exchange(*sasl, *sasl);
    exchange.run(piece);
    EXPECT_EQ(exchange.accepted, AuthVerdict::passed) << exchange.acceptor.why();
    EXPECT_EQ(exchange.connected, AuthVerdict::passed) << exchange.initiator.why();
    EXPECT_EQ(exchange.acceptor.user(), "server");
  }
}

TEST(Authentication, what_follows_the_exchange_stays_in_the_input) {
  const auto sasl = sasl_of("secret");
  std::string first;
  AuthInitiator initiator(*sasl, first);
  AuthAcceptor acceptor(*sasl);
  std::string said;
  EXPECT_EQ(acceptor.take(first, said), AuthVerdict::pending);
  std::string answer;
  EXPECT_EQ(initiator.take(said, answer), AuthVerdict::pending);
  answer += kRest;
  EXPECT_EQ(acceptor.take(answer, said), AuthVerdict::passed);
  EXPECT_EQ(answer, kRest);
  said += kRest;
  EXPECT_EQ(initiator.take(said, answer), AuthVerdict::passed);
  EXPECT_EQ(said, kRest);
}

TEST(Authentication, a_wrong_password_is_refused_with_a_line_on_both_sides_that_names_the_user_and_no_password) {
  const auto guess = sasl_of("guess");
  const auto secret = sasl_of("secret");
  Exchange exchange(*guess, *secret);
  exchange.run();
  EXPECT_EQ(exchange.accepted, AuthVerdict::refused);
  EXPECT_TRUE(exchange.acceptor.why().starts_with("SASL has failed: wrong password for user \"server\". Compare"));
  EXPECT_EQ(exchange.connected, AuthVerdict::refused);
  EXPECT_TRUE(exchange.initiator.why().starts_with("it refused user \"server\" or the password. Compare"));
  EXPECT_FALSE((exchange.acceptor.why() + exchange.initiator.why()).contains("guess"));
}

TEST(Authentication, one_that_does_not_authenticate_is_let_in_only_where_it_is_not_required) {
  const auto required = sasl_of("secret");
  const auto optional = sasl_of("secret", testing::SaslIs::optional);
  for (const std::string& first : {"\0"s, kRest, "GET / HTTP/1.1\r\n"s, auth_packet(0, "").substr(0, 7) + "x"}) {
    std::string in = first;
    std::string out;
    AuthAcceptor strict(*required);
    EXPECT_EQ(strict.take(in, out), AuthVerdict::refused);
    EXPECT_TRUE(strict.why().contains("which quorum.auth.serverRequireSasl demands")) << strict.why();
    AuthAcceptor lax(*optional);
    EXPECT_EQ(lax.take(in, out), AuthVerdict::passed);
    EXPECT_EQ(in, first) << "it belongs to the protocol";
    EXPECT_EQ(lax.user(), "");
    EXPECT_EQ(out, "");
  }
  EXPECT_EQ(AuthAcceptor(*required).take_silence(), AuthVerdict::refused);
  EXPECT_EQ(AuthAcceptor(*optional).take_silence(), AuthVerdict::passed);
}

TEST(Authentication, one_that_fails_is_told_so_and_let_in_where_it_is_not_required) {
  const auto optional = sasl_of("secret", testing::SaslIs::optional);
  const auto guess = sasl_of("guess");
  Exchange exchange(*guess, *optional);
  exchange.run();
  EXPECT_EQ(exchange.accepted, AuthVerdict::passed);
  EXPECT_EQ(exchange.acceptor.user(), "");
  EXPECT_EQ(exchange.connected, AuthVerdict::refused) << "it closes, as Apache's does";
}

TEST(Authentication, one_that_stops_in_the_middle_is_never_let_in) {
  const auto optional = sasl_of("secret", testing::SaslIs::optional);
  AuthAcceptor acceptor(*optional);
  std::string in = auth_packet(0, "");
  std::string out;
  EXPECT_EQ(acceptor.take(in, out), AuthVerdict::pending);
  EXPECT_EQ(acceptor.take_silence(), AuthVerdict::refused);
  EXPECT_EQ(acceptor.why(), "it did not finish SASL in time");
}

// Packets behind the first one, and why they are refused.
TEST(Authentication, hostile_packets_end_the_connection) {
  const std::string header = auth_packet(0, {}).substr(0, 12);
  const std::vector<std::pair<std::string, std::string>> hostile = {
      {auth_packet(0, {}), "it sent a null token"},
      {auth_packet(0, ""), "username is missing"},
      {auth_packet(0, "\xff\0\xff"s), "the token is malformed"},
      {auth_packet(1, "username"), "the token is malformed"},
      {auth_packet(0, std::string(4096, ',')), "username is missing"},
      {header + "\0\0\x10\x01"s, "of an impossible length"},
      {header + "\xff\xff\xff\xfe"s, "of an impossible length"},
      {header + "\x7f\xff\xff\xff"s, "of an impossible length"},
      {kRest, "something else in the middle of SASL"},
  };
  for (const auto& [bytes, why] : hostile) {
    const auto sasl = sasl_of("secret");
    AuthAcceptor acceptor(*sasl);
    std::string in = auth_packet(0, "") + bytes;
    std::string out;
    EXPECT_EQ(acceptor.take(in, out), AuthVerdict::refused);
    EXPECT_TRUE(acceptor.why().contains(why)) << acceptor.why();
    EXPECT_TRUE(out.ends_with(auth_packet(QuorumAuthPacket::error, ""))) << "the other server is told";
  }
}

TEST(Authentication, a_hostile_server_is_not_believed_by_the_one_that_connects) {
  const auto sasl = sasl_of("secret");
  std::string challenge;
  std::string first = auth_packet(0, "");
  AuthAcceptor honest(*sasl);
  ASSERT_EQ(honest.take(first, challenge), AuthVerdict::pending);
  const std::vector<std::pair<std::string, std::string>> hostile = {
      {auth_packet(QuorumAuthPacket::success, ""), "the challenge is not acceptable"},
      {auth_packet(QuorumAuthPacket::success, "nonce=n,algorithm=md5-sess"), "before it had proven who it is"},
      {auth_packet(QuorumAuthPacket::error, ""), "it refused user \"server\""},
      {auth_packet(7, "x"), "it refused user \"server\""},
      {auth_packet(0, {}), "a null token"},
      {auth_packet(0, {}).substr(0, 12) + "\0\x10\0\0"s, "of an impossible length"},
      {kRest, "it does not answer SASL"},
      {challenge + auth_packet(QuorumAuthPacket::success, "rspauth=1"), "does not know the password"},
      {challenge + auth_packet(QuorumAuthPacket::success, {}), "a null token"},
      {challenge + challenge, "does not know the password"},
  };
  for (const auto& [bytes, why] : hostile) {
    std::string out;
    AuthInitiator initiator(*sasl, out);
    std::string in = bytes;
    EXPECT_EQ(initiator.take(in, out), AuthVerdict::refused);
    EXPECT_TRUE(initiator.why().contains(why)) << initiator.why();
  }
}

}  // namespace
}  // namespace quoll::quorum
