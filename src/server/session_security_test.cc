// Protection of sessions against other clients, and requests before authentication.
#include "server/test_support.h"
#include "session/session_id.h"
#include "store/file_names.h"

namespace quoll::server {
namespace {

TEST(SessionSecurity, a_wrong_password_does_not_close_the_owners_connection) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& owner = s.connected();
  sim::Client& thief = s.client("10.0.0.66");
  EXPECT_FALSE(thief.connect({.session = owner.session(), .password = std::string(16, 'x')}));
  s.world.run_for(100);
  EXPECT_TRUE(thief.is_closed());
  EXPECT_FALSE(owner.is_closed());
  EXPECT_EQ(owner.create("/n"), Error::ok);
  sim::Client& itself = s.client();
  EXPECT_TRUE(itself.connect({.session = owner.session(), .password = owner.password()}));
  s.world.run_for(100);
  EXPECT_TRUE(owner.is_closed());
}

TEST(SessionSecurity, create_session_from_a_client_gets_no_longer_timeout_than_the_maximum) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const std::int64_t session = client.session();
  for (const auto& [asked, given] : {std::pair{INT32_MAX, 60000}, {0, 6000}, {-1, 6000}, {10000, 10000}}) {
    client.send(OpCode::create_session, CreateSessionRequest{asked});
    s.world.run_for(100);
    EXPECT_EQ(s.state().sessions.at(session), given);
  }
  client.drop();
  s.world.run_for(60'000 + 3000 + 2000);
  EXPECT_EQ(s.state().sessions.size(), 0U);
}

class RandomPasswords : public ::testing::Test {
 protected:
  RandomPasswords() {
    s.options.session_passwords = Options::random;
    s.options.secret_source = [this](std::size_t bytes) {
      return std::string(bytes, static_cast<char>('a' + drawn++));
    };
  }
  ServerWorld s;
  int drawn = 0;
};

TEST_F(RandomPasswords, are_not_a_function_of_the_session_id) {
  ASSERT_TRUE(s.start());
  sim::Client& owner = s.connected();
  const std::string guessed = session::password_of(SessionId{owner.session()});
  EXPECT_NE(owner.password(), guessed);
  EXPECT_EQ(owner.password().size(), 16U);
  EXPECT_FALSE(s.client().connect({.session = owner.session(), .password = guessed}));
  EXPECT_TRUE(owner.reconnect());
}

TEST_F(RandomPasswords, are_the_same_after_a_restart) {
  ASSERT_TRUE(s.start());
  sim::Client& owner = s.connected();
  const std::int64_t session = owner.session();
  const std::string password = owner.password();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(drawn, 1);
  sim::Client& again = s.client();
  EXPECT_TRUE(again.connect({.session = session, .password = password}));
  EXPECT_EQ(again.session(), session);
}

TEST_F(RandomPasswords, with_a_damaged_secret_the_start_fails_with_a_reason) {
  ASSERT_TRUE(s.start());
  s.stop();
  s.world.disk.put("/data/version-2/" + std::string(store::kSessionSecretName), "short");
  EXPECT_FALSE(s.start());
  ASSERT_TRUE(s.start_error);
  EXPECT_NE(s.start_error->text.find("quoll.session-secret"), std::string::npos);
}

TEST(SessionSecurity, an_auth_packet_of_another_scheme_is_refused_before_the_enforced_one) {
  ServerWorld s;
  s.options.enforced_auth = {true, {"ensemble"}};
  s.options.auth.ensemble_enabled = true;
  ASSERT_TRUE(s.start());
  sim::Client& stranger = s.connected();
  const auto refused = stranger.send(OpCode::auth, AuthRequest{0, "digest", "bob:secret"});
  ASSERT_NE(stranger.wait(refused), nullptr);
  EXPECT_EQ(stranger.reply(refused)->err, Error::session_closed_require_sasl_auth);
  s.world.run_for(100);
  EXPECT_TRUE(stranger.is_closed());
}

TEST(SessionSecurity, an_auth_packet_of_the_enforced_scheme_is_accepted_and_others_after_it) {
  ServerWorld s;
  s.options.enforced_auth = {true, {"digest"}};
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  EXPECT_EQ(client.call(OpCode::auth, AuthRequest{0, "digest", "bob:secret"})->err, Error::ok);
  EXPECT_EQ(client.call(OpCode::auth, AuthRequest{0, "ip", ""})->err, Error::ok);
  EXPECT_EQ(client.create("/n"), Error::ok);
}

}  // namespace
}  // namespace quoll::server
