// Very many clients in one process, with a production server in the simulated world.
#include <gtest/gtest.h>

#include "sim/client_world.h"

namespace quoll::client {
namespace {

using sim::ClientWorld;

// Each client has a session, creates an ephemeral znode, and reads it; then the server is killed and
// started again, and every session continues.
void crowd(std::size_t count) {
  ClientWorld world;
  world.base_options.limits.client_connections_max = 0;  // from one address
  world.kill(1);
  world.start(1);
  ASSERT_TRUE(world.settle());
  auto& setup = *world.connected();
  ASSERT_TRUE(world.create(setup, "/crowd", ""));
  sim::Machine machine(world.simulation, "crowd", "10.3.0.1");
  std::deque<Client> clients;
  Options options = world.client_options();
  options.session_timeout_ms = 40'000;
  std::int64_t connected = 0;
  std::size_t created = 0;
  std::size_t read = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Client& client = clients.emplace_back(ClientWorld::world_of(machine), options);
    client.session().on_state([&](State state) { connected += state == State::connected ? 1 : -1; });
    client.create(fmt::format("/crowd/{}", i), "x", {.mode = {.ephemeral = true}}, [&, i](const Result<Created>& made) {
      created += made ? 1 : 0;
      clients[i].get(fmt::format("/crowd/{}", i), nullptr, [&](const Result<NodeData>& got) { read += got ? 1 : 0; });
    });
  }
  ASSERT_TRUE(world.simulation.run_until([&] { return read == count; }, 120'000)) << created << " created, " << read;
  EXPECT_EQ(created, count);
  EXPECT_EQ(connected, static_cast<std::int64_t>(count));
  world.kill(1);
  world.simulation.run_for(1000);
  EXPECT_EQ(connected, 0);
  world.start(1);
  ASSERT_TRUE(world.simulation.run_until([&] { return connected == static_cast<std::int64_t>(count); }, 30'000))
      << connected;
  EXPECT_EQ((*world.exists(setup, "/crowd"))->num_children, static_cast<std::int32_t>(count));
}

TEST(Crowd, a_thousand_clients_live_in_one_process) {
  crowd(1000);
}

// Takes too long for each run of the tests:
// client_test --gtest_also_run_disabled_tests --gtest_filter='Crowd.*'
TEST(Crowd, DISABLED_a_hundred_thousand_clients_live_in_one_process) {
  crowd(100'000);
}

}  // namespace
}  // namespace quoll::client
