// Above quoll.memoryLimit the data may not grow; everything else goes on.
#include "server/test_support.h"

namespace quoll::server {
namespace {

class MemoryLimit : public ::testing::Test {
 protected:
  void SetUp() override {
    s.options.memory = {.limit_bytes = 1000, .used_bytes = [this] { return used; }};
    ASSERT_TRUE(s.start());
    client = &s.connected();
    ASSERT_EQ(client->create("/a", "four"), Error::ok);
    ASSERT_EQ(client->create("/a/b"), Error::ok);
  }
  void use(std::int64_t bytes) {
    used = bytes;
    s.world.run_for(1001);
  }

  std::int64_t used = 500;
  ServerWorld s;
  sim::Client* client = nullptr;
};

TEST_F(MemoryLimit, above_it_growth_is_refused_and_everything_else_is_served) {
  EXPECT_TRUE(s.world.log.has("quoll.memoryLimit")) << "the limit is said at the start";
  use(1001);
  EXPECT_TRUE(s.world.log.has("Memory is nearly full"));
  EXPECT_EQ(client->create("/c"), Error::quota_exceeded);
  EXPECT_EQ(client->set("/a", "five5"), Error::quota_exceeded);
  EXPECT_EQ(client->set("/a", "4444"), Error::ok);
  EXPECT_EQ(client->set("/a", ""), Error::ok);
  EXPECT_EQ(client->get("/a"), "");
  sim::Client& other = s.connected();
  EXPECT_EQ(other.create("/e", "", 1), Error::quota_exceeded);
  EXPECT_EQ(other.set("/none", "data"), Error::no_node);
  EXPECT_EQ(client->remove("/a/b"), Error::ok);
  EXPECT_EQ(s.server->core().stats.metrics.writes_refused_memory, 3);
}

TEST_F(MemoryLimit, a_multi_is_refused_if_one_of_its_operations_makes_the_data_larger) {
  use(1001);
  const SubRequest smaller{OpCode::remove, DeleteRequest{"/a/b", -1}};
  const SubRequest larger{OpCode::create, CreateRequest{"/c", "", sim::open_acl(), 0}};
  EXPECT_EQ(client->wait(client->send_multi({smaller, larger}))->err, Error::quota_exceeded);
  EXPECT_TRUE(s.has_node("/a/b"));
  EXPECT_EQ(client->wait(client->send_multi({smaller}))->err, Error::ok);
  EXPECT_FALSE(s.has_node("/a/b"));
}

TEST_F(MemoryLimit, when_enough_of_it_is_free_the_data_may_grow_again) {
  use(1001);
  use(990);
  EXPECT_EQ(client->create("/c"), Error::quota_exceeded) << "not at once, to avoid flapping";
  use(960);
  EXPECT_EQ(client->create("/c"), Error::ok);
  EXPECT_TRUE(s.world.log.has("Memory has room again"));
}

TEST_F(MemoryLimit, it_is_measured_early_when_much_is_written) {
  use(600);
  used = 1001;
  EXPECT_EQ(client->create("/c", std::string(100, 'x')), Error::ok);
  EXPECT_EQ(client->create("/d"), Error::quota_exceeded);
}

TEST_F(MemoryLimit, a_server_that_starts_above_it_serves) {
  s.kill();
  used = 2000;
  ASSERT_TRUE(s.start());
  sim::Client& after = s.connected();
  EXPECT_EQ(after.get("/a"), "four");
  EXPECT_EQ(after.create("/c"), Error::quota_exceeded);
  EXPECT_EQ(after.remove("/a/b"), Error::ok);
}

}  // namespace
}  // namespace quoll::server
