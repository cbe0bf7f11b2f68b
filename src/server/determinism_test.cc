// A server in the simulated world: the same seed gives the same history.
#include "server/test_support.h"

namespace quoll::server {
namespace {

std::uint64_t trace_of(std::uint64_t seed) {
  ServerWorld s(seed);
  EXPECT_TRUE(s.start());
  sim::Client& a = s.connected();
  sim::Client& b = s.connected();
  std::int32_t last = 0;
  for (int i = 0; i < 50; ++i) {
    sim::Client& client = i % 3 == 0 ? a : b;
    last = client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), "data", sim::open_acl(), 0});
  }
  EXPECT_NE(b.wait(last), nullptr);
  s.world.run_for(5000);
  return s.world.scheduler.digest();
}

TEST(Determinism, the_same_seed_gives_the_same_run) {
  EXPECT_EQ(trace_of(7), trace_of(7));
  EXPECT_NE(trace_of(7), trace_of(8));
}

}  // namespace
}  // namespace quoll::server
