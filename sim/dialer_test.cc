// Outgoing connections in the simulated world.
#include "sim/dialer.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace quoll::sim {
namespace {

struct Dialling : env::DialHandler {
  void on_connected() override { events += "connected|"; }
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view why) override { events += std::string(why) + "|"; }
  std::string events;
  std::string heard;
};

struct Accepted : env::ConnectionHandler {
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view why) override { closed = why; }
  std::unique_ptr<env::Connection> connection;
  std::string heard;
  std::string closed;
};

struct SimDialerTest : ::testing::TestWithParam<std::uint64_t> {
  std::unique_ptr<env::Listener> listen(std::uint16_t port) {
    auto listener = world.network.listen({.port = port}, [this](std::unique_ptr<env::Connection> connection) {
      accepted.connection = std::move(connection);
      accepted.connection->attach(accepted);
      accepted.connection->send("welcome");
      return &accepted;
    });
    (*listener)->start_accepting();
    return std::move(*listener);
  }
  bool until(const std::string& events) {
    return world.run_until([&] { return handler.events == events; }, 60'000);
  }
  World world{GetParam()};
  Accepted accepted;
  Dialling handler;
};

TEST_P(SimDialerTest, bytes_are_exchanged_and_none_comes_before_on_connected) {
  const auto listener = listen(2888);
  auto connection = world.env().dialer.dial({"server2", 2888}, handler);
  ASSERT_TRUE(world.run_until([&] { return !handler.events.empty(); }));
  EXPECT_EQ(handler.heard, "");
  EXPECT_EQ(handler.events, "connected|");
  connection->send("hello");
  EXPECT_TRUE(world.run_until([&] { return handler.heard == "welcome" && accepted.heard == "hello"; }));
  accepted.connection.reset();
  EXPECT_TRUE(until("connected|the peer closed the connection|")) << handler.events;
  world.run_for(60'000);
  EXPECT_TRUE(until("connected|the peer closed the connection|")) << "the time limit ended with on_connected";
}

TEST_P(SimDialerTest, a_refusal_an_unknown_name_and_silence_are_told) {
  world.network.silent_ports = {2889};
  auto refused = world.env().dialer.dial({"server2", 2888}, handler);
  EXPECT_TRUE(until("connection refused|")) << handler.events;
  auto unknown = world.env().dialer.dial({"server2.invalid", 2888}, handler);
  EXPECT_TRUE(until("connection refused|the name is unknown|")) << handler.events;
  auto silent = world.env().dialer.dial({"server2", 2889, 700}, handler);
  EXPECT_TRUE(until("connection refused|the name is unknown|no answer within 700 ms|")) << handler.events;
}

TEST_P(SimDialerTest, destroying_the_connection_cancels_it) {
  const auto listener = listen(2888);
  auto connection = world.env().dialer.dial({"server2", 2888}, handler);
  if (GetParam() % 2 == 0) world.run_for(static_cast<std::int64_t>(GetParam() % 3));
  const std::string before = handler.events;
  connection.reset();
  world.run_for(60'000);
  EXPECT_EQ(handler.events, before);
  EXPECT_EQ(accepted.connection != nullptr, !accepted.closed.empty()) << "the other end is told";
}

TEST_P(SimDialerTest, a_suspended_process_is_told_when_it_goes_on) {
  auto connection = world.env().dialer.dial({"server2", 2888}, handler);
  world.stand_still();
  world.run_for(1000);
  EXPECT_EQ(handler.events, "");
  world.go_on();
  EXPECT_TRUE(until("connection refused|")) << handler.events;
}

INSTANTIATE_TEST_SUITE_P(seeds, SimDialerTest, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace quoll::sim
