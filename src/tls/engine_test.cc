#include "tls/engine.h"

#include <gtest/gtest.h>

#include "tls/detect.h"
#include "tls/testing.h"

namespace quoll::tls {
namespace {

using testing::client_options;
using testing::Pair;
using testing::server_options;
using testing::store;

Options only(Options options, std::string protocol) {
  options.protocol = std::move(protocol);
  return options;
}

Options asking(ClientAuth auth) {
  Options options = server_options();
  options.client_auth = auth;
  return options;
}

TEST(Engine, each_version_completes_a_handshake_and_carries_data) {
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    Pair pair(only(server_options(), version), client_options("client.pem"));
    pair.run();
    ASSERT_EQ(pair.server.state(), State::open) << pair.server.failure() << pair.client.failure();
    ASSERT_EQ(pair.client.state(), State::open);
    EXPECT_EQ(pair.server.protocol(), version);
    pair.client.write("question");
    pair.server.write("answer");
    pair.run();
    EXPECT_EQ(pair.server.received(), "question");
    EXPECT_EQ(pair.client.received(), "answer");
    EXPECT_TRUE(
        pair.server.peer().subject.ends_with("CN=client one,OU=Tests,O=Quoll\\, Inc.,L=Town,ST=Some State,C=XX"));
    EXPECT_FALSE(pair.server.peer().certificate_der.empty());
    EXPECT_EQ(pair.client.peer().subject, "CN=server,O=Quoll Test");
  }
}

TEST(Engine, prefers_the_newest_version_and_the_servers_first_suite) {
  Pair pair(server_options(), client_options("client.pem"));
  pair.run();
  EXPECT_EQ(pair.server.protocol(), "TLSv1.3");
  EXPECT_EQ(pair.server.cipher_suite(), "TLS_AES_256_GCM_SHA384");
}

TEST(Engine, offers_only_the_suites_that_are_configured) {
  Options options = only(server_options(), "TLSv1.2");
  options.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"};
  Options client = client_options("client.pem");
  client.cipher_suites = {"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"};
  Pair pair(options, client);
  pair.run();
  EXPECT_EQ(pair.client.cipher_suite(), "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384");
  // No TLS 1.3 suite is configured, so version 1.3 is not offered: if it were negotiated, the handshake would fail.
  options.protocol.clear();
  Pair both(options, client);
  both.run();
  EXPECT_EQ(both.client.protocol(), "TLSv1.2");
}

TEST(Engine, a_server_of_one_version_takes_clients_of_that_version_alone) {
  for (const char* const server : {"TLSv1.2", "TLSv1.3", ""}) {
    for (const char* const client : {"TLSv1.2", "TLSv1.3"}) {
      Pair pair(only(server_options(), server), only(client_options("client.pem"), client));
      pair.run();
      const bool opens = std::string_view(server).empty() || std::string_view(server) == client;
      EXPECT_EQ(pair.server.state(), opens ? State::open : State::failed) << server << " and " << client;
    }
  }
}

TEST(Engine, suites_in_cbc_mode_are_offered_only_when_they_are_configured) {
  Options client = only(client_options("client.pem"), "TLSv1.2");
  for (const char* const suite : {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"}) {
    client.cipher_suites = {suite};
    Pair refused(server_options(), client);
    refused.run();
    EXPECT_EQ(refused.server.state(), State::failed) << suite;
    EXPECT_TRUE(refused.server.failure().contains("cipher")) << refused.server.failure();
    Options server = server_options();
    server.cipher_suites = {suite};
    Pair taken(server, client);
    taken.run();
    EXPECT_EQ(taken.server.state(), State::open) << suite;
  }
  client.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
  Pair modern(server_options(), client);
  modern.run();
  EXPECT_EQ(modern.server.state(), State::open);
}

TEST(Engine, versions_without_overlap_fail_with_a_reason) {
  Pair pair(only(server_options(), "TLSv1.3"), only(client_options("client.pem"), "TLSv1.2"));
  pair.run();
  EXPECT_EQ(pair.server.state(), State::failed);
  EXPECT_TRUE(pair.server.failure().contains("version")) << pair.server.failure();
  EXPECT_TRUE(pair.client.failure().starts_with("the peer refused the connection")) << pair.client.failure();
}

TEST(Engine, client_auth_decides_which_certificates_are_accepted) {
  for (const auto& [auth, shown, opens] : std::vector<std::tuple<ClientAuth, std::string, bool>>{
           {ClientAuth::none, "", true},
           {ClientAuth::none, "client.pem", true},
           {ClientAuth::want, "", true},
           {ClientAuth::want, "client.pem", true},
           {ClientAuth::want, "stranger.pem", false},
           {ClientAuth::need, "", false},
           {ClientAuth::need, "client.pem", true},
       }) {
    Pair pair(asking(auth), client_options(shown));
    pair.run();
    EXPECT_EQ(pair.server.state(), opens ? State::open : State::failed)
        << static_cast<int>(auth) << shown << pair.server.failure();
    EXPECT_EQ(pair.server.peer().subject.empty(), auth == ClientAuth::none || shown != "client.pem");
  }
}

TEST(Engine, the_failure_says_why_a_clients_certificate_was_refused) {
  const auto failure = [](const char* shown) {
    Pair pair(server_options(), client_options(shown));
    pair.run();
    EXPECT_EQ(pair.client.state(), State::failed);
    return pair.server.failure();
  };
  EXPECT_EQ(failure("stranger.pem"),
            "the client's certificate was refused: unable to get local issuer certificate; no certificate authority in "
            "the trust store signed it");
  EXPECT_EQ(failure("expired.pem"), "the client's certificate was refused: certificate has expired");
  EXPECT_TRUE(
      failure("wrong_use.pem").starts_with("the client's certificate was refused: unsuitable certificate purpose"));
  EXPECT_EQ(failure(""), "the client sent no certificate, but clientAuth=need requires one");
}

TEST(Engine, without_a_trust_store_no_certificate_is_accepted) {
  Options options = server_options();
  options.trust_store = {};
  Pair pair(options, client_options("client.pem"));
  pair.run();
  EXPECT_EQ(pair.server.state(), State::failed);
}

// Connects a client that presents the certificate `shown` to a server whose trust store contains `trusted`.
void expect_state(State wanted, const std::string& shown, const char* trusted) {
  Options options = server_options();
  options.trust_store = store(trusted);
  Pair pair(options, client_options(shown));
  pair.run();
  EXPECT_EQ(pair.server.state(), wanted) << shown << ": " << pair.server.failure();
}

TEST(Engine, a_trusted_certificate_needs_no_authority) {
  expect_state(State::open, "stranger.pem", "stranger.pem");
}

TEST(Engine, a_certificate_in_the_trust_store_is_trusted_whatever_its_dates_and_uses) {
  for (const char* const shown : {"expired.pem", "wrong_use.pem"}) expect_state(State::open, shown, shown);
}

TEST(Engine, an_authority_in_the_trust_store_is_trusted_whatever_its_dates) {
  expect_state(State::open, "of_expired_ca.pem", "expired_ca.pem");
}

TEST(Engine, a_certificate_named_like_its_authority_is_trusted_only_if_the_authority_signed_it) {
  expect_state(State::open, "of_same_name.pem", "same_name_ca.pem");
  expect_state(State::failed, "self_of_same_name.pem", "same_name_ca.pem");
}

TEST(Engine, client_verifies_the_servers_name) {
  for (const auto& [name, opens] : std::vector<std::pair<std::string, bool>>{{"localhost", true},
                                                                             {"127.0.0.1", true},
                                                                             {"::1", true},
                                                                             {"example.org", false},
                                                                             {"127.0.0.2", false},
                                                                             {"", false}}) {
    Pair pair(server_options(), client_options("client.pem"), name);
    pair.run();
    EXPECT_EQ(pair.client.state(), opens ? State::open : State::failed) << name << pair.client.failure();
  }
  Options careless = client_options("client.pem");
  careless.hostname_verification = Switch::off;
  Pair pair(server_options(), careless, "example.org");
  pair.run();
  EXPECT_EQ(pair.client.state(), State::open);
}

TEST(Engine, server_verifies_the_clients_address_if_configured) {
  Options options = server_options();
  options.client_hostname_verification = Switch::on;
  for (const auto& [address, opens] :
       std::vector<std::pair<std::string, bool>>{{"127.0.0.1", true}, {"10.0.0.1", false}}) {
    Pair pair(options, client_options("server.pem"), "localhost", address);
    pair.run();
    EXPECT_EQ(pair.server.state(), opens ? State::open : State::failed) << address << pair.server.failure();
  }
}

TEST(Engine, server_accepts_the_certificate_of_a_member) {
  Options options = server_options();
  options.client_hostname_verification = Switch::on;
  for (const auto& [names, opens] : std::vector<std::pair<std::vector<std::string>, bool>>{
           {{"zk1.example.org", "localhost"}, true}, {{"127.0.0.1"}, true}, {{"zk1.example.org", "10.0.0.2"}, false}}) {
    options.client_names = names;
    Pair pair(options, client_options("server.pem"), "localhost", "10.0.0.1");
    pair.run();
    EXPECT_EQ(pair.server.state(), opens ? State::open : State::failed) << names.back() << pair.server.failure();
    EXPECT_TRUE(opens || pair.server.failure().contains("names neither the address 10.0.0.1")) << pair.server.failure();
  }
  options.hostname_verification = Switch::off;
  Pair pair(options, client_options("server.pem"), "localhost", "10.0.0.1");
  pair.run();
  EXPECT_EQ(pair.server.state(), State::open) << "hostnameVerification=false ends both checks";
}

TEST(Engine, bytes_may_arrive_one_at_a_time) {
  Pair pair(server_options(), client_options("client.pem"));
  pair.run(1);
  ASSERT_EQ(pair.server.state(), State::open) << pair.server.failure();
  pair.client.write("one by one");
  pair.run(1);
  EXPECT_EQ(pair.server.received(), "one by one");
}

TEST(Engine, large_transfers_arrive_complete_in_slices_of_any_size) {
  std::string large(3'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 3);
  for (const std::size_t slice : {std::string::npos, std::size_t{65536}, std::size_t{1000}}) {
    Pair pair(server_options(), client_options("client.pem"));
    pair.client.write("early");  // buffered until the handshake is complete
    pair.run(slice);
    pair.client.write(large);
    pair.server.write(large);
    pair.run(slice);
    EXPECT_TRUE(pair.server.received() == "early" + large);
    EXPECT_TRUE(pair.client.received() == large);
  }
}

TEST(Engine, plaintext_is_recognized_and_refused) {
  const auto failure = [](std::string_view bytes) {
    Pair pair(server_options(), client_options());
    pair.server.feed(bytes);
    EXPECT_EQ(pair.server.state(), State::failed);
    EXPECT_TRUE(pair.server.received().empty());
    return pair.server.failure();
  };
  EXPECT_EQ(failure("GET / HTTP/1.1\r\n\r\n"), "the peer speaks plain HTTP, not TLS");
  EXPECT_TRUE(
      failure(std::string("\0\0\0\x2d\0\0\0\0\0\0\0\0\0\0\x27\x10", 16)).starts_with("the peer does not speak TLS"));
  EXPECT_TRUE(failure("ruok\n\n\n\n\n").starts_with("the peer does not speak TLS"));
  EXPECT_FALSE(failure(std::string("\x16\x03\x01\x00\x05", 5) + std::string(100, 'x')).empty());
}

TEST(Engine, a_changed_byte_breaks_the_connection) {
  Pair pair(server_options(), client_options("client.pem"));
  pair.run();
  pair.client.write("precious");
  std::string bytes = std::exchange(pair.client.to_send(), {});
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  pair.server.feed(bytes);
  EXPECT_EQ(pair.server.state(), State::failed);
  EXPECT_TRUE(pair.server.received().empty());
  EXPECT_FALSE(pair.server.to_send().empty()) << "an alert is sent to the peer";
}

TEST(Engine, close_notify_ends_both_sides_cleanly) {
  Pair pair(server_options(), client_options("client.pem"));
  pair.run();
  pair.client.write("last words");
  pair.client.close();
  pair.client.write("never sent");
  pair.run();
  EXPECT_EQ(pair.server.received(), "last words");
  EXPECT_EQ(pair.server.state(), State::closed);
  EXPECT_EQ(pair.client.state(), State::closed);
  pair.server.transport_closed();
  EXPECT_EQ(pair.server.state(), State::closed);
}

TEST(Engine, an_end_without_close_notify_is_a_failure) {
  Pair pair(server_options(), client_options("client.pem"));
  pair.run();
  pair.server.transport_closed();
  EXPECT_EQ(pair.server.state(), State::failed);
  EXPECT_TRUE(pair.server.failure().contains("without a TLS close_notify"));

  Pair early(server_options(), client_options("client.pem"));
  early.client.start();
  early.server.feed(std::string_view(early.client.to_send()).substr(0, 40));
  early.server.transport_closed();
  EXPECT_EQ(early.server.failure(), "the connection ended in the middle of the TLS handshake");
}

TEST(Detect, two_bytes_distinguish_tls_from_plaintext) {
  EXPECT_EQ(looks_like_tls(""), FirstBytes::undecided);
  EXPECT_EQ(looks_like_tls("\x16"), FirstBytes::undecided);
  EXPECT_EQ(looks_like_tls("\x16\x03\x01"), FirstBytes::tls);
  EXPECT_EQ(looks_like_tls(std::string_view("\0\0\0\x2d", 4)), FirstBytes::plain);
  EXPECT_EQ(looks_like_tls("ruok"), FirstBytes::plain);
}

}  // namespace
}  // namespace quoll::tls
