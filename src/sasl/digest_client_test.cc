#include "sasl/digest_client.h"

#include <gtest/gtest.h>

namespace quoll::sasl {
namespace {

// Both sides, as servers use them among each other.
struct Pair {
  explicit Pair(Login login = {"server", "secret"}, Users users = {{"server", "secret"}, {"j\"\\ö", "ö€"}})
      : config{.users = std::move(users), .super_password = {}, .protocol = "quorum", .server_name = "realm-1"},
        server(config, [](std::size_t bytes) { return std::string(bytes, 's'); }),
        client(std::move(login), "quorum", "realm-1", [](std::size_t bytes) { return std::string(bytes, 'c'); }) {}
  std::string challenge() { return server.step("").value(); }
  DigestConfig config;
  DigestServer server;
  DigestClient client;
};

std::string reason_of(const std::expected<std::string, Failure>& step) {
  return step ? "accepted" : step.error().reason;
}

TEST(DigestClient, each_side_proves_that_it_knows_the_password) {
  for (const Login& login : {Login{"server", "secret"}, Login{"j\"\\ö", "ö€"}}) {
    Pair pair(login);
    const auto answer = pair.client.step(pair.challenge());
    ASSERT_TRUE(answer) << answer.error().reason;
    const auto proof = pair.server.step(*answer);
    ASSERT_TRUE(proof) << proof.error().reason;
    EXPECT_FALSE(pair.client.complete());
    EXPECT_EQ(pair.client.step(*proof), "");
    EXPECT_TRUE(pair.client.complete());
    EXPECT_EQ(pair.server.authorization_id(), login.username);
    EXPECT_EQ(reason_of(pair.client.step("")), "a token came after the exchange was complete");
  }
}

TEST(DigestClient, a_wrong_password_is_refused_by_the_server) {
  Pair pair({"server", "guess"});
  EXPECT_EQ(reason_of(pair.server.step(pair.client.step(pair.challenge()).value())),
            "wrong password for user \"server\"");
}

TEST(DigestClient, a_server_that_does_not_know_the_password_is_not_believed) {
  for (const char* proof : {"", "rspauth=00000000000000000000000000000000", "rspauth=", "rspauth=\"", "x=y"}) {
    Pair pair;
    ASSERT_TRUE(pair.client.step(pair.challenge()));
    EXPECT_FALSE(pair.client.step(proof)) << proof;
    EXPECT_FALSE(pair.client.complete());
    EXPECT_EQ(reason_of(pair.client.step(proof)), "a token came after the exchange had failed");
  }
}

TEST(DigestClient, a_challenge_that_can_not_be_answered_is_refused) {
  const auto reason = [](std::string_view challenge) { return reason_of(Pair().client.step(challenge)); };
  EXPECT_EQ(reason("realm=\"r\",nonce=\"n\",algorithm=md5-sess"), reason("nonce=\"n\",algorithm=md5-sess,realm=r"));
  EXPECT_TRUE(reason("").contains("it has no nonce"));
  EXPECT_TRUE(reason("nonce=\"n\"").contains("its algorithm is \"\""));
  EXPECT_TRUE(reason("nonce=\"n\",algorithm=md5-sess,qop=\"auth-int,auth-conf\"").contains("which has no auth"));
  EXPECT_EQ(reason("nonce=\"n\",algorithm=md5-sess,qop=\"auth-int, auth\""), "accepted");
  EXPECT_TRUE(reason("nonce=\"n\",algorithm=md5-sess,charset=latin1").contains("charset"));
  EXPECT_TRUE(reason("nonce=\"n").contains("a quoted value is not terminated"));
  EXPECT_TRUE(reason(std::string(DigestServer::kTokenBytesMax + 1, 'a')).contains("bytes long"));
}

}  // namespace
}  // namespace quoll::sasl
