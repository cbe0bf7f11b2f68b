#include "sasl/digest_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "sasl/digest_response.h"
#include "sasl/directives.h"
#include "sasl/nonce.h"

namespace quoll::sasl {
namespace {

NonceSource counting_nonces() {
  return [next = '\0'](std::size_t bytes) mutable { return std::string(bytes, ++next); };
}

// A DIGEST-MD5 client written from RFC 2831 for these tests, independent of the server's hash functions.
struct Client {
  std::string username = "bob";
  std::string password = "bobsecret";
  std::string realm = "zk-sasl-md5";
  std::string uri = "zookeeper/zk-sasl-md5";
  std::string cnonce = "OA6MHXh6VqTrRk";
  std::optional<std::string> authzid;
  std::string extra = ",qop=auth,nc=00000001,charset=utf-8,maxbuf=65536";

  static std::string h(const std::string& text) {
    std::string digest(16, '\0');
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_md5(), nullptr);
    return digest;
  }
  static std::string hex(const std::string& bytes) {
    std::string out;
    for (const char b : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(b));
    return out;
  }
  [[nodiscard]] std::string sum(const std::string& nonce, const std::string& a2) const {
    const std::string a1 =
        h(username + ":" + realm + ":" + password) + ":" + nonce + ":" + cnonce + (authzid ? ":" + *authzid : "");
    return hex(h(hex(h(a1)) + ":" + nonce + ":00000001:" + cnonce + ":auth:" + hex(h(a2))));
  }
  [[nodiscard]] static std::string nonce_in(const std::string& challenge) {
    return parse_directives(challenge)->at("nonce");
  }
  [[nodiscard]] std::string answer(const std::string& challenge) const {
    const std::string nonce = nonce_in(challenge);
    return fmt::format("username=\"{}\",realm=\"{}\",nonce=\"{}\",cnonce=\"{}\",digest-uri=\"{}\",response={}{}{}",
                       username, realm, nonce, cnonce, uri, sum(nonce, "AUTHENTICATE:" + uri),
                       authzid ? ",authzid=\"" + *authzid + "\"" : "", extra);
  }
};

struct Exchange {
  DigestConfig config{.users = {{"bob", "bobsecret"}, {"super", "adminsecret"}}, .super_password = {}};
  DigestServer server{config, counting_nonces()};
  std::string challenge = server.step("").value();

  // Why the step failed; "" if it succeeded.
  std::string reason(std::string_view token) {
    const auto answer = server.step(token);
    EXPECT_EQ(answer.has_value(), server.complete());
    EXPECT_EQ(answer.has_value(), !server.authorization_id().empty());
    return answer ? "" : answer.error().reason;
  }
};

std::string reason_for(const Client& client) {
  Exchange exchange;
  return exchange.reason(client.answer(exchange.challenge));
}

TEST(DigestServer, challenges_as_java_does) {
  Exchange exchange;
  EXPECT_EQ(
      exchange.challenge,
      "realm=\"zk-sasl-md5\",nonce=\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\",charset=utf-8,algorithm=md5-sess");
  EXPECT_FALSE(exchange.server.complete());
}

TEST(DigestServer, a_client_with_the_right_password_logs_in_and_gets_the_servers_proof) {
  Exchange exchange;
  const Client client;
  const auto proof = exchange.server.step(client.answer(exchange.challenge));
  ASSERT_TRUE(proof) << proof.error().reason;
  EXPECT_EQ(*proof, "rspauth=" + client.sum(Client::nonce_in(exchange.challenge), ":" + client.uri));
  EXPECT_TRUE(exchange.server.complete());
  EXPECT_EQ(exchange.server.authorization_id(), "bob");
}

TEST(DigestServer, hashes_match_the_example_of_rfc_2831) {
  const DigestInputs inputs{.username = "chris",
                            .realm = "elwood.innosoft.com",
                            .password = "secret",
                            .nonce = "OA6MG9tEQGm2hh",
                            .cnonce = "OA6MHXh6VqTrRk",
                            .digest_uri = "imap/elwood.innosoft.com",
                            .authzid = {}};
  EXPECT_EQ(digest_response(inputs, Side::client), "d388dad90d4bbd760a152321f2143af7");
  EXPECT_EQ(digest_response(inputs, Side::server), "ea40f60335c427b5527b84dbabcdfffd");
}

TEST(DigestServer, ignores_the_first_token) {
  const DigestConfig config{.users = {}, .super_password = {}};
  DigestServer server(config, counting_nonces());
  EXPECT_TRUE(server.step("anything at all"));
}

TEST(DigestServer, refuses_wrong_passwords_and_unknown_users) {
  EXPECT_EQ(reason_for({.password = "guess"}), "wrong password for user \"bob\"");
  EXPECT_EQ(reason_for({.username = "eve"}), "user \"eve\" is not among the users of the JAAS section");
  EXPECT_EQ(reason_for({.username = ""}), "user \"\" is not among the users of the JAAS section");
}

TEST(DigestServer, an_unknown_user_cannot_log_in_with_the_nonce_as_password) {
  Exchange exchange;
  EXPECT_NE(exchange.reason(
                Client{.username = "eve", .password = Client::nonce_in(exchange.challenge)}.answer(exchange.challenge)),
            "");
}

TEST(DigestServer, a_super_password_replaces_that_of_the_user_super) {
  EXPECT_EQ(reason_for({.username = "super", .password = "adminsecret"}), "");
  DigestConfig config{.users = {{"super", "adminsecret"}}, .super_password = "other"};
  for (const auto& [password, works] :
       std::vector<std::pair<std::string, bool>>{{"other", true}, {"adminsecret", false}}) {
    DigestServer server(config, counting_nonces());
    const std::string challenge = server.step("").value();
    EXPECT_EQ(server.step(Client{.username = "super", .password = password}.answer(challenge)).has_value(), works);
  }
  config.users.clear();
  DigestServer server(config, counting_nonces());
  const std::string challenge = server.step("").value();
  EXPECT_FALSE(server.step(Client{.username = "super", .password = "other"}.answer(challenge)))
      << "super must also be listed as a user";
}

TEST(DigestServer, refuses_what_java_refuses) {
  EXPECT_EQ(reason_for({.realm = "elsewhere"}), "the token is not acceptable: its realm is \"elsewhere\"");
  EXPECT_EQ(reason_for({.uri = "zookeeper/other"}),
            "the token is not acceptable: its digest-uri is \"zookeeper/other\"");
  EXPECT_EQ(reason_for({.extra = ",qop=auth-int"}),
            "the token is not acceptable: its qop is \"auth-int\", and only auth is offered");
  EXPECT_EQ(reason_for({.extra = ",charset=iso-8859-1"}), "the token is not acceptable: its charset is not utf-8");
  EXPECT_EQ(reason_for({.extra = ",maxbuf=many"}), "the token is not acceptable: its maxbuf is not a number");
  EXPECT_EQ(reason_for({.extra = ",nonce-count=00000002"}), "the token is not acceptable: its nonce-count is not 1");
  EXPECT_EQ(reason_for({.extra = ",realm=x"}), "the token is malformed: realm appears twice");
}

TEST(DigestServer, accepts_what_java_accepts) {
  EXPECT_EQ(reason_for({.extra = ""}), "");
  EXPECT_EQ(reason_for({.uri = "ZooKeeper/ZK-SASL-MD5"}), "");
  EXPECT_EQ(reason_for({.extra = ", qop = \"auth\" ,,nc=00000009, unknown=x, unknown=y,NONCE-COUNT=1,"}), "");
}

TEST(DigestServer, an_authorization_id_takes_part_in_the_proof_and_changes_nothing) {
  for (const char* authzid : {"super", "bob", ""}) {
    Exchange exchange;
    EXPECT_EQ(exchange.reason(Client{.authzid = authzid}.answer(exchange.challenge)), "");
    EXPECT_EQ(exchange.server.authorization_id(), "bob");
  }
  Exchange exchange;
  EXPECT_NE(exchange.reason(Client{}.answer(exchange.challenge) + ",authzid=super"), "");
}

TEST(DigestServer, a_replayed_answer_fails_on_another_connection) {
  Exchange first;
  const std::string answer = Client{}.answer(first.challenge);
  EXPECT_EQ(first.reason(answer), "");
  DigestServer other(first.config, [](std::size_t bytes) { return std::string(bytes, 'z'); });
  ASSERT_TRUE(other.step(""));
  EXPECT_EQ(other.step(answer).error().reason, "the token is not acceptable: its nonce is not this connection's");
}

TEST(DigestServer, a_connection_has_one_attempt) {
  Exchange done;
  const std::string answer = Client{}.answer(done.challenge);
  EXPECT_EQ(done.reason(answer), "");
  EXPECT_FALSE(done.server.step(answer));
  EXPECT_TRUE(done.server.complete()) << "a late token does not revoke the login";
  Exchange failed;
  EXPECT_NE(failed.reason("nonsense"), "");
  EXPECT_NE(failed.reason(Client{}.answer(failed.challenge)), "");
}

TEST(DigestServer, an_oversized_token_is_not_parsed) {
  Exchange exchange;
  const auto answer = exchange.server.step(std::string(DigestServer::kTokenBytesMax + 1, ','));
  EXPECT_TRUE(answer.error().reason.contains("4097 bytes long"));
  EXPECT_EQ(exchange.reason(Client{}.answer(exchange.challenge)), "") << "as in Java, the exchange goes on";
}

TEST(DigestServer, a_truncated_or_altered_token_never_logs_in_another_user) {
  const Exchange model;
  const std::string whole = Client{.extra = ""}.answer(model.challenge);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Exchange cut;
    EXPECT_NE(cut.reason(whole.substr(0, at)), "") << at;
    for (const char byte : {'\0', '"', ',', '=', '\\', ' ', '\xff'}) {
      Exchange changed;
      std::string token = whole;
      token[at] = byte;
      const std::string reason = changed.reason(token);
      EXPECT_EQ(changed.server.authorization_id(), reason.empty() ? "bob" : "") << at;
    }
  }
}

TEST(DigestServer, non_ascii_names_and_passwords_are_encoded_as_in_rfc_2831) {
  EXPECT_EQ(latin1_or_utf8("Ren\xc3\xa9"), "Ren\xe9");
  EXPECT_EQ(latin1_or_utf8("\xe7\x8c\xab"), "\xe7\x8c\xab");
  const DigestConfig config{.users = {{"Ren\xc3\xa9", "\xe7\x8c\xab"}}, .super_password = {}};
  DigestServer server(config, counting_nonces());
  const std::string challenge = server.step("").value();
  // RFC 2831: the name is hashed as Latin-1 and the password as UTF-8; the name is sent as UTF-8.
  const std::string answer = Client{.username = "Ren\xe9", .password = "\xe7\x8c\xab"}.answer(challenge);
  const std::size_t at = answer.find('\xe9');
  EXPECT_TRUE(server.step(answer.substr(0, at) + "\xc3\xa9" + answer.substr(at + 1)));
}

TEST(Nonce, differs_each_time) {
  EXPECT_NE(secure_nonces()(30), secure_nonces()(30));
}

}  // namespace
}  // namespace quoll::sasl
