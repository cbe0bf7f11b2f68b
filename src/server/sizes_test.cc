// Limits on what one client can make large: its identities, and the transactions made of its requests.
#include "server/test_support.h"

namespace quoll::server {
namespace {

Error add_identity(sim::Client& client, std::string_view user_password) {
  const std::int32_t xid = client.send(OpCode::auth, AuthRequest{0, "digest", user_password});
  const auto* const reply = client.wait(xid);
  return reply == nullptr ? Error::connection_loss : reply->err;
}

TEST(Sizes, the_total_size_of_a_connections_identities_is_limited) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  const std::size_t most = s.options.limits.identities_bytes_max;
  sim::Client& at_once = s.connected();
  EXPECT_EQ(add_identity(at_once, std::string(most, 'u') + ":p"), Error::auth_failed);
  sim::Client& client = s.connected();
  int taken = 0;
  while (add_identity(client, fmt::format("{}{:01000}:p", taken, 0)) == Error::ok) ++taken;
  EXPECT_GT(taken, 50);
  EXPECT_LT(static_cast<std::size_t>(taken) * 1000, most);
}

TEST(Sizes, an_identity_that_a_connection_already_has_is_accepted_at_any_limit) {
  ServerWorld s;
  s.options.limits.identities_max = 2;  // one is its address
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(add_identity(client, "u:p"), Error::ok);
}

TEST(Sizes, a_request_with_a_too_large_transaction_is_refused_and_nothing_else_happens) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 40; ++i) ASSERT_EQ(add_identity(client, fmt::format("{}{:01000}:p", i, 0)), Error::ok);
  std::vector<std::string> ids;
  std::vector<AclView> acl;
  for (int i = 0; i < 100; ++i) ids.push_back(fmt::format("{}", i));
  for (const std::string& id : ids) acl.push_back(AclView{31, "auth", id});
  EXPECT_EQ(client.call(OpCode::create, CreateRequest{"/n", "", acl, 0})->err, Error::bad_arguments);
  EXPECT_EQ(client.call(OpCode::create2, CreateRequest{"/s", "", acl, 2})->err, Error::bad_arguments);
  EXPECT_EQ(client.create("/other"), Error::ok) << "the session goes on";
  EXPECT_EQ(client.call(OpCode::set_acl, SetAclRequest{"/other", acl, -1})->err, Error::bad_arguments);
  acl.resize(10);
  EXPECT_EQ(client.call(OpCode::set_acl, SetAclRequest{"/other", acl, -1})->err, Error::ok);
  const std::int64_t digest = s.digest();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), digest);
  EXPECT_FALSE(s.has_node("/n"));
  EXPECT_EQ(s.state().tree.node(tree::kRoot).child_count, 2U);
  EXPECT_EQ(s.state().tree.acl_of(s.state().tree.find("/other")).entries().size(), 400U);
}

TEST(Sizes, more_expired_znodes_than_one_check_examines_are_all_removed) {
  ServerWorld s;
  s.options.containers.per_minute_max = 0;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  constexpr int kNodes = 5000;
  std::int32_t last = 0;
  for (int i = 0; i < kNodes; ++i) {
    const std::string path = fmt::format("/n{}", i);
    last = client.send(OpCode::create_ttl, CreateTtlRequest{path, "", sim::open_acl(), 5, 1000});
  }
  ASSERT_NE(client.wait(last), nullptr);
  EXPECT_EQ(s.state().tree.ttls().size(), static_cast<std::size_t>(kNodes));
  for (int i = 0; i < 8; ++i) {
    s.world.run_for(20'000);
    client.ping();
  }
  EXPECT_TRUE(s.state().tree.ttls().empty());
}

// Anyone who knows the key could make tables slow, so each server generates its own.
TEST(Sizes, clients_cannot_predict_the_keys_of_hash_tables) {
  ServerWorld one(1);
  ServerWorld other(2);
  ASSERT_TRUE(one.start());
  ASSERT_TRUE(other.start());
  const base::HashKey key = one.state().tree.hash_key();
  EXPECT_NE(key.first, other.state().tree.hash_key().first);
  EXPECT_NE(key.second, other.state().tree.hash_key().second);
  EXPECT_EQ(key.first, one.server->core().hash_key.first) << "what recovery has built has it, too";
}

}  // namespace
}  // namespace quoll::server
